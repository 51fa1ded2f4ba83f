/// Bytes as text of 64 characters (RFC 4648), with padding.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(of bytes: [UInt8]) -> String {
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = (0..<3).reduce(0) { bits, index in
        bits << 8 | (start + index < bytes.count ? Int(bytes[start + index]) : 0)
      }
      for index in 0..<4 {
        result.append(
          index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Nil where the text is not base64.
  static func bytes(of text: String) -> [UInt8]? {
    var values = [Int8](repeating: -1, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = Int8(value) }
    var result: [UInt8] = []
    var bits = 0
    var count = 0
    var padding = 0
    for byte in text.utf8 {
      count += 1
      if byte == UInt8(ascii: "=") {
        padding += 1
        bits <<= 6
      } else {
        guard padding == 0, values[Int(byte)] >= 0 else { return nil }
        bits = bits << 6 | Int(values[Int(byte)])
      }
      guard count % 4 == 0 else { continue }
      guard padding <= 2, padding == 0 || bits & ((1 << (8 * padding)) - 1) == 0 else { return nil }
      for index in 0..<(3 - padding) {
        result.append(UInt8(truncatingIfNeeded: bits >> (16 - 8 * index)))
      }
      bits = 0
    }
    return count % 4 == 0 ? result : nil
  }
}
