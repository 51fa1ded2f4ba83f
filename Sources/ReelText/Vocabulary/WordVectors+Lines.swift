extension WordVectors {
  /// The columns of a line.
  static func fields(of line: [UInt8]) -> [ArraySlice<UInt8>] {
    line.split { $0 == 0x20 || $0 == 0x09 }
  }

  /// The size of the vectors, where the line holds two whole numbers and nothing else.
  static func header(_ line: [UInt8]) -> Int? {
    let fields = fields(of: line)
    guard fields.count == 2,
      fields.allSatisfy({ $0.count < 10 && $0.allSatisfy { 0x30...0x39 ~= $0 } })
    else { return nil }
    return Int(String(decoding: fields[1], as: UTF8.self))
  }

  /// The word of a line; its numbers go into `vector`. Words of some files hold spaces: the numbers
  /// are the last columns.
  static func read(
    _ line: Line, into vector: inout [Float], of file: MappedFile
  ) throws(TextError) -> ArraySlice<UInt8> {
    let fields = fields(of: line.bytes)
    guard fields.count > vector.count else {
      throw file.error(
        line: line.number,
        "\(fields.count) columns, expected a word and \(vector.count) numbers")
    }
    let start = fields.count - vector.count
    for index in vector.indices {
      let field = fields[start + index]
      guard let value = number(field), value.isFinite else {
        throw file.error(
          line: line.number,
          "column \(start + index + 1) is \(jsonQuoted(String(decoding: field, as: UTF8.self))), expected a number"
        )
      }
      vector[index] = value
    }
    return line.bytes[fields[0].startIndex..<fields[start - 1].endIndex]
  }

  /// A decimal number. Short ones, as files of vectors have them, are exact powers of ten times a
  /// whole number that a Double holds; the standard library reads all others.
  static func number(_ field: ArraySlice<UInt8>) -> Float? {
    var digits: UInt64 = 0
    var (count, behindPoint) = (0, 0)
    var (isNegative, hasPoint) = (false, false)
    for (place, byte) in field.enumerated() {
      switch byte {
      case 0x30...0x39 where count < 15:
        digits = digits * 10 + UInt64(byte - 0x30)
        count += 1
        if hasPoint { behindPoint += 1 }
      case UInt8(ascii: ".") where !hasPoint: hasPoint = true
      case UInt8(ascii: "-") where place == 0: isNegative = true
      default: return Float(String(decoding: field, as: UTF8.self))
      }
    }
    guard count > 0 else { return nil }
    let value = Double(digits) / powersOfTen[behindPoint]
    return Float(isNegative ? -value : value)
  }

  private static let powersOfTen: [Double] = (0..<15).reduce(into: [1]) { powers, _ in
    powers.append(powers[powers.count - 1] * 10)
  }
}
