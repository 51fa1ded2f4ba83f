/// Which tags may follow each other, begin a sequence and end one.
///
/// A tag scheme gives them: in IOB2 "I-PER" stands only after "B-PER" or "I-PER", so a sequence with
/// "O I-PER" can be neither learned nor decoded.
public struct TagConstraints: Sendable, Equatable {
  /// [from, to]: whether tag `to` may stand right after tag `from`.
  public let allowed: [[Bool]]
  /// Whether a sequence may begin with each tag.
  public let start: [Bool]
  /// Whether a sequence may end with each tag.
  public let end: [Bool]
  /// The fewest steps in which every tag is reached from every tag, counted exactly: with so many
  /// steps in between, any tag may stand before any other. nil where there are none up to 16.
  let mixingSteps: Int?

  /// - Parameters:
  ///   - allowed: T rows of T values, [from, to].
  ///   - start: T values.
  ///   - end: T values.
  public init(allowed: [[Bool]], start: [Bool], end: [Bool]) {
    let tags = start.count
    precondition(
      end.count == tags && allowed.count == tags && allowed.allSatisfy { $0.count == tags },
      "TagConstraints: \(allowed.count) rows of \(Set(allowed.map(\.count)).sorted()) values, "
        + "\(tags) starts and \(end.count) ends; T rows of T values, T starts and T ends are "
        + "expected")
    self.allowed = allowed
    self.start = start
    self.end = end
    mixingSteps = Self.mixingSteps(allowed)
  }

  /// A table as ``TagConstraints/init(allowed:start:end:)`` takes it, in one value.
  public init(_ table: (allowed: [[Bool]], start: [Bool], end: [Bool])) {
    self.init(allowed: table.allowed, start: table.start, end: table.end)
  }

  /// The number of tags T.
  public var tags: Int { start.count }

  /// Whether a whole sequence of tags is allowed; an empty one is.
  public func allows(_ sequence: [Int32]) -> Bool {
    guard let first = sequence.first, let last = sequence.last else { return true }
    guard sequence.allSatisfy({ $0 >= 0 && $0 < tags }), start[Int(first)], end[Int(last)] else {
      return false
    }
    return zip(sequence, sequence.dropFirst()).allSatisfy { allowed[Int($0)][Int($1)] }
  }

  private static func mixingSteps(_ allowed: [[Bool]]) -> Int? {
    // Row i of `reached`: where i leads in the steps so far.
    var reached = allowed
    for steps in 1...16 {
      if reached.allSatisfy({ $0.allSatisfy { $0 } }) { return steps }
      reached = reached.map { row in
        var next = [Bool](repeating: false, count: row.count)
        for (middle, isReached) in row.enumerated() where isReached {
          for (to, isAllowed) in allowed[middle].enumerated() where isAllowed { next[to] = true }
        }
        return next
      }
    }
    return nil
  }
}
