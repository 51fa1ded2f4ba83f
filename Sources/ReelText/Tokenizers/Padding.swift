/// How encodings are filled up to one length.
public struct Padding: Sendable, Equatable {
  /// At which end the padding tokens stand.
  public enum Direction: String, Sendable { case left = "Left", right = "Right" }

  /// To which length.
  public enum Strategy: Sendable, Equatable {
    /// That of the longest encoding of a batch.
    case longest
    /// A fixed one; longer encodings stay as they are.
    case fixed(Int)
  }

  public var strategy: Strategy
  public var direction: Direction
  /// Lengths are rounded up to a multiple of this, where it is more than 0.
  public var multiple: Int?
  /// The padding token.
  public var token: String
  public var id: Int32
  public var typeID: Int32

  public init(
    _ strategy: Strategy = .longest, token: String = "[PAD]", id: Int32 = 0, typeID: Int32 = 0,
    direction: Direction = .right, multiple: Int? = nil
  ) {
    self.strategy = strategy
    self.direction = direction
    self.multiple = multiple
    self.token = token
    self.id = id
    self.typeID = typeID
  }

  /// The longest padding that a file may ask for: a length beyond any use must not take the memory.
  static let maximumLength = 1 << 18

  /// Fills up the encodings of one batch.
  func apply(to encodings: inout [Encoding]) {
    var length =
      switch strategy {
      case .longest: encodings.reduce(0) { max($0, $1.ids.count) }
      case .fixed(let length): length
      }
    if let multiple, multiple > 0, length % multiple > 0 { length += multiple - length % multiple }
    for index in encodings.indices { encodings[index].pad(to: length, self) }
  }
}

extension Encoding {
  /// Fills up this encoding and those it overflowed into.
  mutating func pad(to length: Int, _ padding: Padding) {
    for index in overflowing.indices { overflowing[index].pad(to: length, padding) }
    let count = length - ids.count
    guard count > 0 else { return }
    let place = padding.direction == .left ? 0 : ids.count
    func insert<Element>(_ value: Element, _ values: inout [Element]) {
      values.insert(contentsOf: repeatElement(value, count: count), at: place)
    }
    insert(padding.id, &ids)
    insert(padding.token, &tokens)
    insert(0..<0, &offsets)
    insert(padding.typeID, &typeIDs)
    insert(true, &specialTokensMask)
    insert(false, &attentionMask)
    insert(nil, &wordIndices)
    insert(nil, &sequenceIndices)
  }
}
