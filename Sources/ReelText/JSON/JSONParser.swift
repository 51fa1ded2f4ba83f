/// Reads JSON (RFC 8259) strictly: no comment, no trailing comma, no key twice, nothing after the
/// value, at most 128 levels.
struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0
  private static let maximumDepth = 128

  /// - Throws: one line with the line and column of what is wrong.
  static func parse(_ bytes: [UInt8]) throws(TextError) -> JSONValue {
    do {
      try UTF8Validation.validate(bytes)
    } catch {
      throw TextError("\(error)")
    }
    var parser = JSONParser(bytes: bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else {
      throw parser.unexpected(expected: "the end of the file")
    }
    return value
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: byteOrderMark) { position = byteOrderMark.count }
  }

  // MARK: Values

  private mutating func value(depth: Int) throws(TextError) -> JSONValue {
    guard depth < Self.maximumDepth else {
      throw error("more than \(Self.maximumDepth) levels of arrays and objects")
    }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return try number()
    default: break
    }
    if take("true") { return .boolean(true) }
    if take("false") { return .boolean(false) }
    if take("null") { return .null }
    throw unexpected(expected: "a value")
  }

  private mutating func array(depth: Int) throws(TextError) -> [JSONValue] {
    position += 1
    var values: [JSONValue] = []
    skipSpace()
    if take("]") { return values }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return values }
      guard take(",") else { throw unexpected(expected: "',' or ']'") }
    }
  }

  private mutating func object(depth: Int) throws(TextError) -> JSONObject {
    position += 1
    var object = JSONObject(members: [])
    var seen: Set<[UInt8]> = []
    skipSpace()
    if take("}") { return object }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw unexpected(expected: "a key in quotes") }
      let key = try string()
      guard seen.insert(Array(key.utf8)).inserted else {
        throw error("the key \(jsonQuoted(key)) comes twice in one object")
      }
      skipSpace()
      guard take(":") else { throw unexpected(expected: "':' after a key") }
      object.members.append(JSONObject.Member(key: key, value: try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return object }
      guard take(",") else { throw unexpected(expected: "',' or '}'") }
    }
  }

  // MARK: Numbers

  private mutating func number() throws(TextError) -> JSONValue {
    let start = position
    var isInteger = true
    _ = take("-")
    let firstDigit = next
    let whole = digits()
    guard whole > 0 else { throw unexpected(expected: "a digit") }
    guard whole == 1 || firstDigit != UInt8(ascii: "0") else {
      throw error("a number begins with a superfluous 0")
    }
    if take(".") {
      isInteger = false
      guard digits() > 0 else { throw unexpected(expected: "a digit") }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw unexpected(expected: "a digit") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isInteger, let value = Int(text) { return .integer(value) }
    guard let value = Double(text), value.isFinite else {
      throw error("the number \(text) is too large")
    }
    return .number(value)
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, UInt8(ascii: "0") <= byte, byte <= UInt8(ascii: "9") { position += 1 }
    return position - start
  }

  // MARK: Strings

  private mutating func string() throws(TextError) -> String {
    position += 1
    // Most strings have no escape: look for their end first, and copy them whole.
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      position += 1
    }
    var text = Array(bytes[start..<position])
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text.append(contentsOf: try escape())
      case 0..<0x20:
        position -= 1
        throw error("a control character, 0x\(hexadecimal(byte)), stands in a string")
      default: text.append(byte)
      }
    }
    throw unexpected(expected: "the closing quote of a string")
  }

  private mutating func escape() throws(TextError) -> [UInt8] {
    guard let byte = next else { throw unexpected(expected: "an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0C]
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): break
    default:
      position -= 1
      throw unexpected(expected: "one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
    }
    var value = try fourHexadecimalDigits()
    if 0xD800..<0xDC00 ~= value {
      guard take("\\u") else { throw error("half of a surrogate pair stands alone") }
      let low = try fourHexadecimalDigits()
      guard 0xDC00..<0xE000 ~= low else { throw error("half of a surrogate pair stands alone") }
      value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw error("half of a surrogate pair stands alone")
    }
    return Array(String(scalar).utf8)
  }

  private mutating func fourHexadecimalDigits() throws(TextError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected(expected: "four hexadecimal digits after \\u")
      }
      value = value << 4 + UInt32(digit)
      position += 1
    }
    return value
  }

  // MARK: Bytes and errors

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ text: StaticString) -> Bool {
    text.withUTF8Buffer { expected in
      guard position < bytes.count, bytes[position] == expected[0],
        bytes[position...].starts(with: expected)
      else { return false }
      position += expected.count
      return true
    }
  }

  private func unexpected(expected: String) -> TextError {
    guard position < bytes.count else { return error("the text ends, expected \(expected)") }
    let scalar = String(decoding: bytes[position...].prefix(4), as: UTF8.self).unicodeScalars.first
    let found = scalar.map { $0.value < 0x20 ? $0.escaped(asASCII: true) : String($0) } ?? ""
    return error("found '\(found)', expected \(expected)")
  }

  private func error(_ text: String) -> TextError {
    let before = bytes[..<position]
    let line = before.reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
    let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    let column = before[start...].reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    return TextError("line \(line), column \(column): \(text)")
  }
}
