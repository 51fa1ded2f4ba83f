/// A string as JSON writes it, in quotes. Everything but quotes, backslashes and control characters
/// stands for itself.
func jsonQuoted(_ text: String) -> String {
  var result: [UInt8] = []
  appendJSON(text, to: &result)
  return String(decoding: result, as: UTF8.self)
}

private func appendJSON(_ text: String, to bytes: inout [UInt8]) {
  bytes.append(UInt8(ascii: "\""))
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "\""): bytes += Array("\\\"".utf8)
    case UInt8(ascii: "\\"): bytes += Array("\\\\".utf8)
    case 0x08: bytes += Array("\\b".utf8)
    case 0x0C: bytes += Array("\\f".utf8)
    case 0x0A: bytes += Array("\\n".utf8)
    case 0x0D: bytes += Array("\\r".utf8)
    case 0x09: bytes += Array("\\t".utf8)
    case 0..<0x20: bytes += Array(("\\u00" + hexadecimal(byte)).utf8)
    default: bytes.append(byte)
    }
  }
  bytes.append(UInt8(ascii: "\""))
}

extension JSONValue {
  /// The value as text, indented by two spaces; arrays of numbers, strings and the like stand in one
  /// line.
  var text: [UInt8] {
    var bytes: [UInt8] = []
    append(to: &bytes, depth: 0)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  private var isSimple: Bool {
    switch self {
    case .array(let values): values.isEmpty
    case .object(let object): object.members.isEmpty
    default: true
    }
  }

  private func append(to bytes: inout [UInt8], depth: Int) {
    switch self {
    case .null: bytes += Array("null".utf8)
    case .boolean(let value): bytes += Array((value ? "true" : "false").utf8)
    case .integer(let value): bytes += Array(String(value).utf8)
    case .number(let value): bytes += Array(String(value).utf8)
    case .string(let value): appendJSON(value, to: &bytes)
    case .array(let values):
      let isOneLine = values.allSatisfy(\.isSimple)
      Self.append(
        values, between: "[", "]", isOneLine: isOneLine, to: &bytes, depth: depth
      ) { value, bytes in
        value.append(to: &bytes, depth: depth + 1)
      }
    case .object(let object):
      Self.append(
        object.members, between: "{", "}", isOneLine: false, to: &bytes, depth: depth
      ) { member, bytes in
        appendJSON(member.key, to: &bytes)
        bytes += Array(": ".utf8)
        member.value.append(to: &bytes, depth: depth + 1)
      }
    }
  }

  private static func append<Element>(
    _ elements: [Element], between open: Unicode.Scalar, _ close: Unicode.Scalar, isOneLine: Bool,
    to bytes: inout [UInt8], depth: Int, _ body: (Element, inout [UInt8]) -> Void
  ) {
    func startLine(_ depth: Int) {
      bytes.append(UInt8(ascii: "\n"))
      bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }
    bytes.append(UInt8(ascii: open))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      if !isOneLine {
        startLine(depth + 1)
      } else if index > 0 {
        bytes.append(UInt8(ascii: " "))
      }
      body(element, &bytes)
    }
    if !isOneLine, !elements.isEmpty { startLine(depth) }
    bytes.append(UInt8(ascii: close))
  }
}
