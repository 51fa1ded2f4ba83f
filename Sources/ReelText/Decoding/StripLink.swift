/// Takes up to so many of a character from both ends of each token. The start of a token that comes
/// in parts is given on at once; of its end, only as much is held back as may have to go.
struct StripLink: DecoderLink {
  private let character: [UInt8]
  private let start: Int
  private let stop: Int
  /// How many characters may still go from the start of the token; nil after its first other one.
  private var startLeft: Int?
  private var held: [UInt8] = []

  init(_ scalar: Unicode.Scalar, start: Int, stop: Int) {
    character = Array(String(scalar).utf8)
    self.start = start
    self.stop = stop
    startLeft = start
  }

  mutating func take(_ part: DecodedPart, into parts: inout [DecodedPart]) {
    var bytes = held + part.bytes
    held = []
    var cut = 0
    while let left = startLeft {
      guard left > 0 else {
        startLeft = nil
        break
      }
      if bytes[cut...].starts(with: character) {
        cut += character.count
        startLeft = left - 1
      } else {
        // A character may be cut in two by the end of a part; then the rest decides.
        if part.isEnd || !character.starts(with: bytes[cut...]) { startLeft = nil }
        break
      }
    }
    bytes.removeFirst(cut)
    if part.isEnd {
      startLeft = start
      bytes.removeLast(trailingCount(in: bytes) * character.count)
      parts.append(DecodedPart(bytes: bytes))
      return
    }
    let kept = startLeft == nil ? tailThatMayGo(in: bytes) : bytes.count
    held = Array(bytes.suffix(kept))
    bytes.removeLast(kept)
    if !bytes.isEmpty { parts.append(DecodedPart(bytes: bytes, isEnd: false)) }
  }

  /// How many characters go from the end.
  private func trailingCount(in bytes: [UInt8]) -> Int {
    var count = 0
    var end = bytes.count
    while count < stop, end >= character.count, bytes[..<end].ends(with: character) {
      end -= character.count
      count += 1
    }
    return count
  }

  /// How many bytes at the end are the character, `stop` times or less, and a beginning of one more.
  private func tailThatMayGo(in bytes: [UInt8]) -> Int {
    guard stop > 0 else { return 0 }
    let partial = (0..<character.count).reversed().first { length in
      length <= bytes.count && bytes.suffix(length).elementsEqual(character.prefix(length))
    }
    let kept = partial ?? 0
    return kept + trailingCount(in: Array(bytes.dropLast(kept))) * character.count
  }
}

extension ArraySlice<UInt8> {
  fileprivate func ends(with other: [UInt8]) -> Bool {
    count >= other.count && suffix(other.count).elementsEqual(other)
  }
}
