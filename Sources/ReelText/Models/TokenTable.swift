/// The tokens of a vocabulary: their ids by their bytes, and their bytes by their ids.
///
/// The bytes of all tokens lie in one buffer; ids are found by open addressing with linear probing.
/// An id is the token's position in the list that the table was made of.
public struct TokenTable: Sendable, Equatable {
  private var content: [UInt8]
  /// Where each token starts in `content`, and after them where the last one ends.
  private var starts: [Int]
  /// Upper half: the upper half of the token's hash. Lower half: its id and 1; 0 is a free slot.
  private var slots: [UInt64]

  /// A table without tokens, for `insert` to fill.
  package init() {
    content = []
    starts = [0]
    slots = [UInt64](repeating: 0, count: 16)
  }

  /// - Throws: where a token comes twice, which.
  public init(_ tokens: [[UInt8]]) throws(TextError) {
    self.init()
    content.reserveCapacity(tokens.reduce(0) { $0 + $1.count })
    starts.reserveCapacity(tokens.count + 1)
    for (position, token) in tokens.enumerated() {
      let id = insert(token)
      guard id == position else {
        throw TextError(
          "token '\(String(decoding: token, as: UTF8.self))' comes twice, "
            + "as id \(id) and as id \(position), expected every token once")
      }
    }
  }

  /// How many tokens there are.
  public var count: Int { starts.count - 1 }

  /// The id of the token with these bytes, if there is one.
  public func id(of bytes: UnsafeBufferPointer<UInt8>) -> Int32? {
    let hash = PieceKey(bytes).hash
    let mask = slots.count - 1
    return content.withUnsafeBufferPointer { content in
      slots.withUnsafeBufferPointer { slots in
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
          if slots[slot] >> 32 == hash >> 32 {
            let id = Int32(truncatingIfNeeded: slots[slot]) - 1
            if isEqual(id, bytes, in: content) { return id }
          }
          slot = (slot + 1) & mask
        }
        return nil
      }
    }
  }

  /// As `id(of:)`, of an array.
  public func id(of bytes: [UInt8]) -> Int32? {
    bytes.withUnsafeBufferPointer { id(of: $0) }
  }

  /// The bytes of a token.
  ///
  /// - Precondition: `id` is in `0 ..< count`, here and below.
  public func bytes(of id: Int32) -> [UInt8] {
    Array(content[range(of: id)])
  }

  /// Appends the bytes of a token.
  public func append(_ id: Int32, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: content[range(of: id)])
  }

  /// How many bytes a token has.
  public func length(of id: Int32) -> Int {
    range(of: id).count
  }

  /// Lends the bytes of a token.
  public func withBytes<Result>(
    of id: Int32, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    let range = range(of: id)
    return try content.withUnsafeBufferPointer {
      try body(UnsafeBufferPointer(rebasing: $0[range]))
    }
  }

  private func range(of id: Int32) -> Range<Int> {
    precondition(
      0 <= id && Int(id) < count,
      "token id \(id) is outside the vocabulary, expected 0 to \(count - 1)")
    return starts[Int(id)]..<starts[Int(id) + 1]
  }

  private func isEqual(
    _ id: Int32, _ bytes: UnsafeBufferPointer<UInt8>, in content: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let start = starts[Int(id)]
    guard starts[Int(id) + 1] - start == bytes.count else { return false }
    guard let left = content.baseAddress, let right = bytes.baseAddress else { return true }
    return areEqual(left + start, right, count: bytes.count)
  }

  /// The id of a token, which becomes the last one if it is not there yet.
  package mutating func insert(_ token: UnsafeBufferPointer<UInt8>) -> Int32 {
    if let id = id(of: token) { return id }
    precondition(count < Int(Int32.max) - 1, "\(count) tokens, expected fewer than \(Int32.max)")
    content.append(contentsOf: token)
    starts.append(content.count)
    let id = Int32(count - 1)
    if 2 * count > slots.count {
      slots = [UInt64](repeating: 0, count: 2 * slots.count)
      for other in 0...id { place(other) }
    } else {
      place(id)
    }
    return id
  }

  package mutating func insert(_ token: [UInt8]) -> Int32 {
    token.withUnsafeBufferPointer { insert($0) }
  }

  private mutating func place(_ id: Int32) {
    let hash = withBytes(of: id) { PieceKey($0).hash }
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = (hash >> 32) << 32 | UInt64(UInt32(truncatingIfNeeded: id + 1))
  }
}
