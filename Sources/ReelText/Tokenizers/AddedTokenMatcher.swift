/// Finds added tokens in a text: from left to right, the longest where several begin at one place.
///
/// The tokens form a trie. A table of first bytes lets a text without any of them pass at about a
/// byte a cycle; where a token may begin, at most its length is looked at.
struct AddedTokenMatcher: Sendable {
  /// What a trie node leads to; children are chained.
  private struct Node {
    var byte: UInt8
    var pattern: Int32 = -1
    var firstChild: Int32 = -1
    var sibling: Int32 = -1
  }

  /// A token that is looked for.
  private struct Pattern {
    var id: Int32
    var token: AddedToken
  }

  /// A stretch of the text: an added token with its id, or what lies between two.
  struct Segment: Equatable {
    var range: Range<Int>
    var id: Int32?
  }

  private var nodes: [Node] = [Node(byte: 0)]
  private var patterns: [Pattern] = []
  private var isFirstByte = [Bool](repeating: false, count: 256)

  /// Whether there is no token to look for.
  var isEmpty: Bool { patterns.isEmpty }

  /// Adds a token that is written as `bytes`; of several written the same, the first counts.
  mutating func add(_ bytes: [UInt8], id: Int32, _ token: AddedToken) {
    // Nothing is left of a token that the normalizer removes: it cannot be found.
    guard let first = bytes.first else { return }
    isFirstByte[Int(first)] = true
    var node: Int32 = 0
    for byte in bytes {
      node = child(of: node, byte) ?? addChild(of: node, byte)
    }
    guard nodes[Int(node)].pattern < 0 else { return }
    nodes[Int(node)].pattern = Int32(patterns.count)
    patterns.append(Pattern(id: id, token: token))
  }

  private func child(of node: Int32, _ byte: UInt8) -> Int32? {
    var next = nodes[Int(node)].firstChild
    while next >= 0 {
      if nodes[Int(next)].byte == byte { return next }
      next = nodes[Int(next)].sibling
    }
    return nil
  }

  private mutating func addChild(of node: Int32, _ byte: UInt8) -> Int32 {
    let new = Int32(nodes.count)
    nodes.append(Node(byte: byte, sibling: nodes[Int(node)].firstChild))
    nodes[Int(node)].firstChild = new
    return new
  }

  /// The longest token that begins at `start`.
  private func longest(
    at start: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> (pattern: Int, end: Int)? {
    var result: (pattern: Int, end: Int)?
    var node: Int32 = 0
    var position = start
    while position < bytes.count, let next = child(of: node, bytes[position]) {
      node = next
      position += 1
      let pattern = nodes[Int(node)].pattern
      if pattern >= 0 { result = (Int(pattern), position) }
    }
    return result
  }

  /// Cuts a text at its added tokens; without any, the result is the whole text.
  func segments(of bytes: UnsafeBufferPointer<UInt8>) -> [Segment] {
    var segments: [Segment] = []
    var done = 0
    var position = 0
    while let start = nextCandidate(from: position, in: bytes) {
      guard let (index, end) = longest(at: start, in: bytes) else {
        position = start + 1
        continue
      }
      // What follows a token is looked at from its end, even where it is refused or took more.
      position = end
      let token = patterns[index].token
      if token.isSingleWord, touchesWord(start..<end, in: bytes) { continue }
      var range = start..<end
      if token.stripsLeft {
        range = min(max(startOfWhiteSpace(before: start, in: bytes), done), end)..<end
      }
      if token.stripsRight {
        range = range.lowerBound..<endOfWhiteSpace(after: end, in: bytes)
      }
      if done < range.lowerBound { segments.append(Segment(range: done..<range.lowerBound)) }
      segments.append(Segment(range: range, id: patterns[index].id))
      done = range.upperBound
    }
    if done < bytes.count { segments.append(Segment(range: done..<bytes.count)) }
    return segments
  }

  private func nextCandidate(from start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    isFirstByte.withUnsafeBufferPointer { isFirst in
      var position = start
      while position < bytes.count {
        if isFirst[Int(bytes[position])] { return position }
        position += 1
      }
      return nil
    }
  }

  // MARK: What is around a token

  private func touchesWord(_ range: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if let before = UTF8Sequence.wellFormedScalar(before: range.lowerBound, in: bytes),
      UnicodeProperties.isWord(before.value)
    {
      return true
    }
    if let after = UTF8Sequence.wellFormedScalar(at: range.upperBound, in: bytes) {
      return UnicodeProperties.isWord(after.value)
    }
    return false
  }

  private func startOfWhiteSpace(before end: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var start = end
    while let (value, length) = UTF8Sequence.wellFormedScalar(before: start, in: bytes),
      UnicodeProperties.isWhiteSpace(value)
    {
      start -= length
    }
    return start
  }

  private func endOfWhiteSpace(after start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var end = start
    while let (value, length) = UTF8Sequence.wellFormedScalar(at: end, in: bytes),
      UnicodeProperties.isWhiteSpace(value)
    {
      end += length
    }
    return end
  }
}

extension UTF8Sequence {
  /// The scalar that begins at `start` and its length; nil at the end and on ill-formed bytes.
  static func wellFormedScalar(
    at start: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> (value: UInt32, length: Int)? {
    guard start < bytes.count, case .wellFormed(let length) = UTF8Sequence.at(start, in: bytes)
    else { return nil }
    return (scalarValue(at: start, length: length, in: bytes), length)
  }

  /// The scalar that ends before `end` and its length; nil at the start and on ill-formed bytes.
  static func wellFormedScalar(
    before end: Int, in bytes: UnsafeBufferPointer<UInt8>
  ) -> (value: UInt32, length: Int)? {
    var start = end - 1
    while start >= 0, end - start < 4, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    guard start >= 0, let found = wellFormedScalar(at: start, in: bytes),
      start + found.length == end
    else { return nil }
    return found
  }
}
