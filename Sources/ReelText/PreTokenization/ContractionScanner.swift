/// The scanners for the patterns of byte-level tokenizers: contractions, words, numbers, runs of
/// other characters, white space.
enum ContractionScanner {
  static func scanGPT2(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
  ) {
    ScalarKinds.ascii.withUnsafeBufferPointer { ascii in
      let kinds = ScalarKinds(bytes, ascii: ascii)
      var start = 0
      while start < bytes.count {
        let end = endGPT2(bytes, kinds, from: start)
        body(start..<end)
        start = end
      }
    }
  }

  @inline(__always)
  private static func endGPT2(
    _ bytes: UnsafeBufferPointer<UInt8>, _ kinds: ScalarKinds, from start: Int
  ) -> Int {
    if bytes[start] == UInt8(ascii: "'") {
      let length = contraction(bytes, after: start + 1, ignoringCase: false)
      if length > 0 { return start + 1 + length }
    }
    var first = start
    if bytes[start] == 0x20, start + 1 < bytes.count { first += 1 }
    let (kind, length) = kinds.at(first)
    if kind != ScalarKinds.space { return kinds.end(of: kind, from: first + length) }
    return spaceEnd(bytes, kinds, from: start)
  }

  static func scanCL100K(
    _ bytes: UnsafeBufferPointer<UInt8>, maximumDigits: Int, _ body: (Range<Int>) -> Void
  ) {
    ScalarKinds.ascii.withUnsafeBufferPointer { ascii in
      let kinds = ScalarKinds(bytes, ascii: ascii)
      var start = 0
      while start < bytes.count {
        let end = endCL100K(bytes, kinds, maximumDigits, from: start)
        body(start..<end)
        start = end
      }
    }
  }

  @inline(__always)
  private static func endCL100K(
    _ bytes: UnsafeBufferPointer<UInt8>, _ kinds: ScalarKinds, _ maximumDigits: Int,
    from start: Int
  ) -> Int {
    let byte = bytes[start]
    if byte == UInt8(ascii: "'") {
      let length = contraction(bytes, after: start + 1, ignoringCase: true)
      if length > 0 { return start + 1 + length }
    }
    let (kind, length) = kinds.at(start)
    var first = start + length
    if kind == ScalarKinds.letter { return kinds.end(of: kind, from: first) }
    if kind == ScalarKinds.number {
      for _ in 1..<maximumDigits where first < bytes.count {
        let (kind, length) = kinds.at(first)
        if kind != ScalarKinds.number { break }
        first += length
      }
      return first
    }
    if first < bytes.count, byte != 0x0D, byte != 0x0A {
      let (next, nextLength) = kinds.at(first)
      // One character of another kind may stand before letters.
      if next == ScalarKinds.letter { return kinds.end(of: next, from: first + nextLength) }
      if next == ScalarKinds.other, byte == 0x20 {
        return lineEnds(bytes, from: kinds.end(of: next, from: first + nextLength))
      }
    }
    if kind == ScalarKinds.other {
      return lineEnds(bytes, from: kinds.end(of: kind, from: first))
    }
    return spaceEnd(bytes, kinds, from: start, upToLineEnd: true)
  }

  /// The end of the white space at `start`: all of it at the end of the text, else all but its last
  /// character where it has several; with `upToLineEnd` up to its last line end where it has one.
  private static func spaceEnd(
    _ bytes: UnsafeBufferPointer<UInt8>, _ kinds: ScalarKinds, from start: Int,
    upToLineEnd: Bool = false
  ) -> Int {
    let end = kinds.end(of: ScalarKinds.space, from: start)
    if upToLineEnd {
      var position = end
      while position > start {
        let byte = bytes[position - 1]
        if byte == 0x0A || byte == 0x0D { return position }
        position -= 1
      }
    }
    if end == bytes.count { return end }
    let last = scalarStart(bytes, before: end)
    return last > start ? last : end
  }

  private static func lineEnds(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var position = start
    while position < bytes.count, bytes[position] == 0x0A || bytes[position] == 0x0D {
      position += 1
    }
    return position
  }

  /// How many bytes of a contraction (s, t, re, ve, m, ll, d) follow an apostrophe.
  @inline(__always)
  private static func contraction(
    _ bytes: UnsafeBufferPointer<UInt8>, after start: Int, ignoringCase: Bool
  ) -> Int {
    guard start < bytes.count else { return 0 }
    let fold: UInt8 = ignoringCase ? 0x20 : 0
    let first = bytes[start] | fold
    let second = start + 1 < bytes.count ? bytes[start + 1] : 0
    switch first {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 1
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return second | fold == UInt8(ascii: "e") ? 2 : 0
    case UInt8(ascii: "l"): return second | fold == UInt8(ascii: "l") ? 2 : 0
    // The long s, U+017F, is an s where case is ignored. 0xC5 with the bit for case is 0xE5.
    default: return ignoringCase && bytes[start] == 0xC5 && second == 0xBF ? 2 : 0
    }
  }
}
