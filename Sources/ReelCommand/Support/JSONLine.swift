/// One JSON object on one line, for output of many lines: keys in the order in which they are added.
struct JSONLine {
  private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]

  /// The whole object.
  var closed: [UInt8] { bytes + [UInt8(ascii: "}")] }

  mutating func add(_ key: String, _ number: Int) {
    add(key)
    append(number)
  }

  mutating func add(_ key: String, _ text: String) {
    add(key)
    append(text)
  }

  mutating func add(_ key: String, _ numbers: [Int32]) {
    add(key)
    list(numbers) { $0.append(Int($1)) }
  }

  mutating func add(_ key: String, _ texts: [String]) {
    add(key)
    list(texts) { $0.append($1) }
  }

  /// Each range as a list of its first index and the one after its last.
  mutating func add(_ key: String, _ ranges: [Range<Int>]) {
    add(key)
    list(ranges) { line, range in line.list([range.lowerBound, range.upperBound]) { $0.append($1) }
    }
  }

  /// The shortest digits that stand for the number; null where it is infinite or no number.
  mutating func add(_ key: String, _ number: some BinaryFloatingPoint & CustomStringConvertible) {
    add(key)
    append(number)
  }

  /// An object of numbers, in the order of the keys.
  mutating func add(_ key: String, _ numbers: [(key: String, value: Float)]) {
    add(key)
    var object = JSONLine()
    for (key, value) in numbers { object.add(key, value) }
    bytes += object.closed
  }

  mutating func add(_ key: String, _ objects: [JSONLine]) {
    add(key)
    list(objects) { $0.bytes += $1.closed }
  }

  /// A list of lists of numbers.
  mutating func add(_ key: String, _ rows: [[Float]]) {
    add(key)
    list(rows) { line, row in line.list(row) { $0.append($1) } }
  }

  private mutating func add(_ key: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    append(key)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func list<Element>(
    _ elements: [Element], _ append: (inout JSONLine, Element) -> Void
  ) {
    bytes.append(UInt8(ascii: "["))
    for (index, element) in elements.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      append(&self, element)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func append(_ number: Int) { bytes.append(decimal: number) }

  private mutating func append(_ number: some BinaryFloatingPoint & CustomStringConvertible) {
    bytes.append(contentsOf: (number.isFinite ? number.description : "null").utf8)
  }

  /// A string with the escapes that JSON demands; all other characters stand as they are.
  private mutating func append(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes.append(contentsOf: "\\u00".utf8)
        if byte < 0x10 { bytes.append(UInt8(ascii: "0")) }
        bytes.append(contentsOf: digits.utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
