/// Reads JSON front to back, for a caller who knows what must come next.
///
/// A header of safetensors has a fixed form, so no tree of values is needed: integers stay exact,
/// members keep their order, and a member that comes twice is seen.
struct JSONScanner {
  let path: String
  let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// `{ "key": member, ... }`: calls `member` for each key, with the scanner before its value.
  mutating func object(
    _ what: String, _ member: (inout JSONScanner, _ key: String) throws -> Void
  ) throws {
    try expect("{", what)
    var keys: Set<String> = []
    if skip("}") { return }
    repeat {
      let key = try string("a key of \(what)")
      guard keys.insert(key).inserted else {
        throw FormatError(
          path: path, came: "\(key.quoted) comes twice in \(what)", expected: "unique names")
      }
      try expect(":", "after the key \(key.quoted)")
      try member(&self, key)
    } while skip(",")
    try expect("}", "or ',' in \(what)")
  }

  /// `[1, 2, ...]`, whole numbers from 0 to the largest Int.
  mutating func naturalNumbers(_ what: String) throws -> [Int] {
    try expect("[", what)
    var numbers: [Int] = []
    if skip("]") { return numbers }
    repeat { try numbers.append(naturalNumber(what)) } while skip(",")
    try expect("]", "or ',' in \(what)")
    return numbers
  }

  private mutating func naturalNumber(_ what: String) throws -> Int {
    skipSpace()
    let start = position
    while position < bytes.count, Self.numberBytes.contains(bytes[position]) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard !text.isEmpty else { throw unexpected("a number in \(what)") }
    let digits = text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard digits, text == "0" || !text.hasPrefix("0"), let number = Int(text) else {
      throw FormatError(
        path: path, came: "\(text.quoted) in \(what)",
        expected: "a whole number from 0 to \(Int.max)")
    }
    return number
  }

  private static let numberBytes = Array("0123456789+-.eE".utf8)

  mutating func string(_ what: String) throws -> String {
    try expect("\"", what)
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        guard let result = String(validating: text, as: UTF8.self) else {
          let shown = String(decoding: text, as: UTF8.self).quoted
          throw FormatError(
            path: path, came: "the header's text \(shown) is not UTF-8", expected: "UTF-8")
        }
        return result
      case UInt8(ascii: "\\"): try escape(into: &text)
      case ..<0x20: throw unexpected("no control character in \(what)")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw unexpected("'\"' that ends \(what)")
  }

  /// One escape sequence, with the scanner at its backslash.
  private mutating func escape(into text: inout [UInt8]) throws {
    let start = position
    position += 1
    guard position < bytes.count else { throw unexpected("an escape sequence") }
    let letter = bytes[position]
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var value = hexadecimal()
      if let high = value, (0xD800..<0xDC00).contains(high),
        position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position + 1] == UInt8(ascii: "u")
      {
        position += 2
        value = hexadecimal().flatMap { low in
          (0xDC00..<0xE000).contains(low) ? 0x10000 + (high - 0xD800) << 10 + (low - 0xDC00) : nil
        }
      }
      guard let scalar = value.flatMap(Unicode.Scalar.init) else {
        position = start
        throw unexpected("a Unicode escape sequence")
      }
      text.append(contentsOf: Array(String(Character(scalar)).utf8))
    default:
      position = start
      throw unexpected("an escape sequence of JSON")
    }
  }

  private mutating func hexadecimal() -> UInt32? {
    guard position + 4 <= bytes.count else { return nil }
    let digits = bytes[position..<(position + 4)]
    let isHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
    guard isHexadecimal else { return nil }
    position += 4
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }

  /// Only white space may be left.
  mutating func end() throws {
    skipSpace()
    guard position == bytes.count else { throw unexpected("the end of the header") }
  }

  // MARK: Characters

  private mutating func skipSpace() {
    while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
      position += 1
    }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar, _ what: String) throws {
    guard skip(character) else { throw unexpected("'\(character)' (\(what))") }
  }

  private func unexpected(_ expected: String) -> FormatError {
    let came =
      position < bytes.count
      ? String(decoding: bytes[position...].prefix(12), as: UTF8.self).quoted : "the end"
    return FormatError(
      path: path, came: "the header is no valid JSON: \(came) at its byte \(position)",
      expected: expected)
  }
}
