/// How an encoding is cut to a greatest length.
public struct Truncation: Sendable, Equatable {
  /// Which end is cut off.
  public enum Direction: String, Sendable { case left = "Left", right = "Right" }

  /// Which of two texts is cut.
  public enum Strategy: String, Sendable {
    /// The longer one, until both are equally long; then both.
    case longestFirst = "LongestFirst"
    /// The first one.
    case onlyFirst = "OnlyFirst"
    /// The second one.
    case onlySecond = "OnlySecond"
  }

  /// The greatest number of tokens, those included that the post-processor adds.
  public var maximumLength: Int
  /// How many tokens of a part that was cut off repeat the end of the part before it.
  public var stride: Int
  public var strategy: Strategy
  public var direction: Direction

  /// - Precondition: `0 <= stride`, and `stride < maximumLength` unless both are 0.
  public init(
    maximumLength: Int, stride: Int = 0, strategy: Strategy = .longestFirst,
    direction: Direction = .right
  ) {
    precondition(
      maximumLength >= 0 && stride >= 0 && (stride < maximumLength || stride == 0),
      "stride is \(stride) of at most \(maximumLength) tokens, expected 0 to one less than those")
    self.maximumLength = maximumLength
    self.stride = stride
    self.strategy = strategy
    self.direction = direction
  }

  /// Cuts one or two encodings so that together they hold at most `maximumLength - reserved`
  /// tokens. What was cut off is kept in `overflowing`.
  ///
  /// A strategy that cuts one of the texts only cuts it down to nothing at most.
  func apply(to encodings: inout [Encoding], reserved: Int) {
    let limit = max(0, maximumLength - reserved)
    let total = encodings.reduce(0) { $0 + $1.ids.count }
    guard total > limit, let first = encodings.first else { return }
    guard encodings.count > 1 else {
      if strategy != .onlySecond { encodings[0].truncate(to: limit, stride, direction) }
      return
    }
    switch strategy {
    case .onlyFirst:
      encodings[0].truncate(to: max(0, first.ids.count - (total - limit)), stride, direction)
    case .onlySecond:
      let length = encodings[1].ids.count
      encodings[1].truncate(to: max(0, length - (total - limit)), stride, direction)
    case .longestFirst:
      var shorter = min(first.ids.count, encodings[1].ids.count)
      var longer = max(shorter, limit - shorter)
      if shorter + longer > limit {
        shorter = limit / 2
        longer = shorter + limit % 2
      }
      let firstIsLonger = first.ids.count > encodings[1].ids.count
      encodings[0].truncate(to: firstIsLonger ? longer : shorter, stride, direction)
      encodings[1].truncate(to: firstIsLonger ? shorter : longer, stride, direction)
    }
  }
}

extension Encoding {
  /// Keeps `limit` tokens; the others become `overflowing`, in parts of at most `limit` tokens of
  /// which each repeats `stride` tokens of the part before.
  mutating func truncate(to limit: Int, _ stride: Int, _ direction: Truncation.Direction) {
    let count = ids.count
    guard count > limit else { return }
    guard limit > 0 else {
      overflowing = [self]
      self = Encoding(overflowing: overflowing)
      return
    }
    let step = limit - min(stride, limit - 1)
    var parts: [Range<Int>] = []
    switch direction {
    case .right:
      for start in Swift.stride(from: 0, to: count, by: step) {
        parts.append(start..<min(start + limit, count))
        if start + limit >= count { break }
      }
    case .left:
      for end in Swift.stride(from: count, to: 0, by: -step) {
        parts.append(max(0, end - limit)..<end)
        if end <= limit { break }
      }
    }
    let rest = parts.dropFirst().map { self[$0] }
    self = self[parts[0]]
    overflowing = rest
  }
}
