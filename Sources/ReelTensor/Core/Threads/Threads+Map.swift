import Synchronization

extension Threads {
  /// The results of `body` for 0..<count, in that order, computed on several threads. `body` must not
  /// divide its own work, unless there is one piece, or within `with(1)`.
  package static func map<Result: Sendable>(
    _ count: Int, _ body: @Sendable (Int) -> Result
  ) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count))
    forEach(count) { index in
      let result = body(index)
      results.withLock { $0[index] = result }
    }
    return results.withLock { $0.compactMap { $0 } }
  }
}
