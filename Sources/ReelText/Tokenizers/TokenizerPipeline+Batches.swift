extension TokenizerPipeline {
  /// The encodings of many texts, made by several tasks at once; the result does not depend on how
  /// many there are. Padding goes up to the longest of all the texts.
  ///
  /// - Parameters:
  ///   - texts: the texts.
  ///   - addsSpecialTokens: whether the post-processor puts special tokens around them.
  ///   - tasks: how many work at the same time.
  public func encodings(
    of texts: [String], addsSpecialTokens: Bool = true, tasks: Int
  ) async -> [Encoding] {
    var encodings = await concurrently(texts, tasks: tasks) {
      encodingBeforePadding(of: $0, pair: nil, addsSpecialTokens)
    }
    padding?.apply(to: &encodings)
    return encodings
  }

  /// The same in the calling thread.
  public func encodings(of texts: [String], addsSpecialTokens: Bool = true) -> [Encoding] {
    var encodings = texts.map { encodingBeforePadding(of: $0, pair: nil, addsSpecialTokens) }
    padding?.apply(to: &encodings)
    return encodings
  }

  /// The ids of many texts, as `encode` gives them, made by several tasks at once.
  public func encode(_ texts: [String], tasks: Int) async -> [[Int32]] {
    await concurrently(texts, tasks: tasks) { encode($0) }
  }

  /// Shares texts out to tasks in runs; results come back in the order of the texts.
  private func concurrently<Result: Sendable>(
    _ texts: [String], tasks: Int, _ body: @escaping @Sendable (String) -> Result
  ) async -> [Result] {
    precondition(tasks > 0, "\(tasks) tasks were asked for, expected at least 1")
    let run = max(1, min(256, texts.count / (4 * tasks)))
    let starts = Array(stride(from: 0, to: texts.count, by: run))
    return await withTaskGroup(of: (Int, [Result]).self) { group in
      var results = [[Result]](repeating: [], count: starts.count)
      var next = 0
      func addTask() {
        guard next < starts.count else { return }
        let index = next
        let part = texts[starts[index]..<min(starts[index] + run, texts.count)]
        group.addTask { (index, part.map(body)) }
        next += 1
      }
      for _ in 0..<tasks { addTask() }
      while let (index, part) = await group.next() {
        results[index] = part
        addTask()
      }
      return Array(results.joined())
    }
  }
}
