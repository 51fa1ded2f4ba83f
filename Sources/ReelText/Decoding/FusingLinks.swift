/// Makes all tokens one; it comes in parts, so that nothing is held back.
struct FuseLink: DecoderLink {
  private var hasToken = false

  mutating func take(_ part: DecodedPart, into parts: inout [DecodedPart]) {
    hasToken = true
    parts.append(DecodedPart(bytes: part.bytes, isEnd: false))
  }

  mutating func finish(into parts: inout [DecodedPart]) {
    // No token at all fuses to one empty token, as in the library.
    parts.append(DecodedPart(bytes: []))
  }
}

/// Joins tokens with spaces: what happens where a file names no decoder.
struct JoinLink: TokenMapping {
  var whole = WholeTokens()
  private var isFirst = true

  mutating func map(_ token: [UInt8]) -> [UInt8]? {
    defer { isFirst = false }
    return isFirst ? token : [UInt8(ascii: " ")] + token
  }
}

/// The byte-level alphabet back to bytes. A token that has other characters stands for itself.
struct ByteLevelLink: DecoderLink {
  private var whole = WholeTokens()

  mutating func take(_ part: DecodedPart, into parts: inout [DecodedPart]) {
    guard let token = whole.token(with: part) else { return }
    parts.append(DecodedPart(bytes: ByteLevelAlphabet.bytes(of: token) ?? token, isEnd: false))
  }

  mutating func finish(into parts: inout [DecodedPart]) {
    parts.append(DecodedPart(bytes: []))
  }
}

/// Tokens that name a byte to that byte. A run of them is held back until it ends: only then is it
/// known whether it is UTF-8.
struct ByteFallbackLink: DecoderLink {
  private var whole = WholeTokens()
  private var run: [UInt8] = []

  mutating func take(_ part: DecodedPart, into parts: inout [DecodedPart]) {
    guard let token = whole.token(with: part) else { return }
    if let byte = Self.byte(named: token) {
      run.append(byte)
      return
    }
    finish(into: &parts)
    parts.append(DecodedPart(bytes: token))
  }

  mutating func finish(into parts: inout [DecodedPart]) {
    guard !run.isEmpty else { return }
    let isText = run.withUnsafeBufferPointer { UTF8Validation.firstIllFormed(in: $0) == nil }
    if isText {
      parts.append(DecodedPart(bytes: run))
    } else {
      for _ in run { parts.append(DecodedPart(bytes: [0xEF, 0xBF, 0xBD])) }
    }
    run.removeAll()
  }

  /// The byte that "<0x61>" names.
  private static func byte(named token: [UInt8]) -> UInt8? {
    guard token.count == 6, token.starts(with: Array("<0x".utf8)), token[5] == UInt8(ascii: ">")
    else { return nil }
    func digit(_ byte: UInt8) -> UInt8? {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
      default: nil
      }
    }
    // The library's number parser takes a sign: "<0x+f>" is 15.
    if token[3] == UInt8(ascii: "+") { return digit(token[4]) }
    guard let high = digit(token[3]), let low = digit(token[4]) else { return nil }
    return high << 4 | low
  }
}
