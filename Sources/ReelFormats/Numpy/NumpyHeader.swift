/// The start of a `.npy` file: `\x93NUMPY`, a version, a length, and a Python dictionary
///
///     {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
///
/// padded with spaces and ended by a line break. Source: NumPy's `numpy.lib.format`.
struct NumpyHeader {
  var type: ElementType
  var isBigEndian: Bool
  /// The values are stored with the first axis running fastest.
  var isFortranOrder: Bool
  var shape: [Int]

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// NumPy's own limit.
  static let highestRank = 64

  /// The bytes before the values of a Float array in row-major order, the very bytes that NumPy
  /// writes.
  static func bytes(shape: [Int]) -> [UInt8] {
    let lengths = shape.map(String.init).joined(separator: ", ")
    let tuple = shape.count == 1 ? "(\(lengths),)" : "(\(lengths))"
    var text = "{'descr': '<f4', 'fortran_order': False, 'shape': \(tuple), }"
    // NumPy leaves room for the first axis to grow to 21 digits.
    if let first = shape.first {
      text += String(repeating: " ", count: 21 - String(first).count)
    }
    let unpadded = magic.count + 4 + text.utf8.count + 1
    text += String(repeating: " ", count: 64 - unpadded % 64) + "\n"
    var result = magic + [1, 0]
    result.append(littleEndian: UInt16(text.utf8.count))
    return result + Array(text.utf8)
  }

  /// Reads the header; `next` delivers the given number of bytes, or throws.
  init(entry: String, path: String, next: (Int) throws -> [UInt8]) throws {
    func problem(_ came: String, _ expected: String) -> FormatError {
      FormatError(path: path, came: "entry \(entry.quoted): \(came)", expected: expected)
    }
    let start = try next(8)
    guard Array(start[..<6]) == Self.magic else {
      throw problem("it begins with \(Array(start[..<6]))", "\(Self.magic), an .npy file")
    }
    guard (1...3).contains(start[6]), start[7] == 0 else {
      throw problem(".npy version \(start[6]).\(start[7])", "1.0, 2.0 or 3.0")
    }
    var size = ByteCursor(try next(start[6] == 1 ? 2 : 4))
    let length = start[6] == 1 ? Int(size.uint16()) : Int(size.uint32())
    var parser = PythonScanner(try next(length))
    do {
      try self.init(&parser)
    } catch {
      throw problem("the .npy header has \(error.came)", error.expected)
    }
  }

  private init(_ parser: inout PythonScanner) throws(PythonScanner.Problem) {
    var descriptor: String?
    var fortranOrder: Bool?
    var shape: [Int]?
    try parser.expect("{")
    while !parser.skip("}") {
      let key = try parser.string()
      try parser.expect(":")
      switch key {
      case "descr" where descriptor == nil: descriptor = try parser.string()
      case "fortran_order" where fortranOrder == nil: fortranOrder = try parser.boolean()
      case "shape" where shape == nil: shape = try parser.tuple()
      default:
        throw .init(
          came: "the key \(key.quoted)", expected: "descr, fortran_order and shape, once each")
      }
      if !parser.skip(",") {
        try parser.expect("}")
        break
      }
    }
    try parser.end()
    guard let descriptor, let fortranOrder, let shape else {
      throw .init(came: "too few keys", expected: "descr, fortran_order and shape")
    }
    guard let (type, isBigEndian) = Self.elementType(descriptor) else {
      throw .init(
        came: "the type \(descriptor.quoted)",
        expected: "f2, f4, f8, i1 to i8, u1 to u8 or b1 with '<', '>' or '|'")
    }
    guard shape.count <= Self.highestRank else {
      throw .init(came: "\(shape.count) axes", expected: "at most \(Self.highestRank)")
    }
    self.type = type
    self.isBigEndian = isBigEndian
    self.isFortranOrder = fortranOrder
    self.shape = shape
  }

  private static func elementType(_ descriptor: String) -> (ElementType, isBigEndian: Bool)? {
    let type: ElementType
    switch descriptor.dropFirst() {
    case "b1": type = .bool
    case "u1": type = .uint8
    case "u2": type = .uint16
    case "u4": type = .uint32
    case "u8": type = .uint64
    case "i1": type = .int8
    case "i2": type = .int16
    case "i4": type = .int32
    case "i8": type = .int64
    case "f2": type = .float16
    case "f4": type = .float32
    case "f8": type = .float64
    default: return nil
    }
    switch descriptor.first {
    case "<": return (type, false)
    case ">": return (type, true)
    case "|" where type.byteCount == 1: return (type, false)
    default: return nil
    }
  }
}

/// Reads the few Python literals of a `.npy` header.
private struct PythonScanner {
  struct Problem: Error {
    var came: String
    var expected: String
  }

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private func unexpected(_ expected: String) -> Problem {
    let came =
      position < bytes.count
      ? String(decoding: bytes[position...].prefix(16), as: UTF8.self).quoted : "its end"
    return Problem(came: "\(came) at byte \(position)", expected: expected)
  }

  private mutating func skipSpace() {
    while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x0A {
      position += 1
    }
  }

  mutating func skip(_ text: String) -> Bool {
    skipSpace()
    guard bytes[position...].starts(with: text.utf8) else { return false }
    position += text.utf8.count
    return true
  }

  mutating func expect(_ text: String) throws(Problem) {
    guard skip(text) else { throw unexpected("'\(text)'") }
  }

  mutating func string() throws(Problem) -> String {
    skipSpace()
    guard position < bytes.count, [0x22, 0x27].contains(bytes[position]) else {
      throw unexpected("a text in quotes")
    }
    let start = position + 1
    guard let end = bytes[start...].firstIndex(of: bytes[position]),
      bytes[start..<end].allSatisfy({ (0x20..<0x7F).contains($0) && $0 != 0x5C })
    else { throw unexpected("a plain text in quotes") }
    position = end + 1
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  mutating func boolean() throws(Problem) -> Bool {
    if skip("True") { return true }
    if skip("False") { return false }
    throw unexpected("True or False")
  }

  /// `()`, `(3,)`, `(3, 4)`: whole numbers from 0.
  mutating func tuple() throws(Problem) -> [Int] {
    var numbers: [Int] = []
    try expect("(")
    var endsWithComma = true
    while !skip(")") {
      guard endsWithComma else { throw unexpected("',' or ')'") }
      let digits = bytes[position...].prefix { (0x30...0x39).contains($0) }
      let text = String(decoding: digits, as: UTF8.self)
      guard let number = Int(text), text == "0" || !text.hasPrefix("0") else {
        throw unexpected("a whole number from 0 to \(Int.max)")
      }
      numbers.append(number)
      position += digits.count
      endsWithComma = skip(",")
    }
    // In Python, (3) is a number.
    guard numbers.count != 1 || endsWithComma else { throw unexpected("a tuple such as (3,)") }
    return numbers
  }

  mutating func end() throws(Problem) {
    skipSpace()
    guard position == bytes.count else { throw unexpected("its end") }
  }
}
