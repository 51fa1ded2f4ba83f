/// Writes tab-separated values.
///
/// ```swift
/// var writer = TSVWriter()
/// try writer.append(["positive", "What a pleasure."])
/// try writer.write(to: "reviews.tsv")
/// ```
public struct TSVWriter: Sendable {
  public let quoting: TSVFormat.Quoting
  /// What has been written so far, UTF-8, each row ended by LF.
  public private(set) var bytes: [UInt8] = []
  private var columnCount: Int?
  private var rows = 0

  public init(quoting: TSVFormat.Quoting = .none) {
    self.quoting = quoting
  }

  /// Adds a row.
  ///
  /// - Throws: where it has not as many columns as the first one; without quoting, where a field
  ///   holds a tab, LF or CR; and where the first row is a single empty field, which would be read
  ///   as an empty line.
  public mutating func append(_ fields: [String]) throws(TextError) {
    let expected = columnCount ?? fields.count
    guard !fields.isEmpty, fields.count == expected else {
      throw TextError(
        "row \(rows + 1) to write has \(columns(fields.count)), expected \(max(expected, 1))")
    }
    guard rows > 0 || fields.count > 1 || !fields[0].utf8.isEmpty else {
      throw TextError("row 1 to write is a single empty field, expected some text or more columns")
    }
    var row: [UInt8] = []
    for (index, field) in fields.enumerated() {
      if index > 0 { row.append(UInt8(ascii: "\t")) }
      row += try encoded(field)
    }
    // The file would begin with it and the reader would take it for a byte-order mark.
    if bytes.isEmpty, row.starts(with: byteOrderMark) { bytes += byteOrderMark }
    bytes += row
    bytes.append(UInt8(ascii: "\n"))
    columnCount = expected
    rows += 1
  }

  /// Writes the file: at any moment the old one or the new one is there, whole.
  public func write(to path: String) throws(TextError) {
    try writeFileAtomically(bytes, to: path)
  }

  private func encoded(_ field: String) throws(TextError) -> [UInt8] {
    let special = field.utf8.contains { $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    switch quoting {
    case .none:
      guard !special else {
        throw TextError(
          "row \(rows + 1) to write has a field with a tab or an end of line, "
            + "\(jsonQuoted(String(field.prefix(40)))), which needs quoting")
      }
      return Array(field.utf8)
    case .backslashes:
      var result: [UInt8] = []
      for byte in field.utf8 {
        switch byte {
        case 0x09: result += Array("\\t".utf8)
        case 0x0A: result += Array("\\n".utf8)
        case 0x0D: result += Array("\\r".utf8)
        case UInt8(ascii: "\\"): result += Array("\\\\".utf8)
        default: result.append(byte)
        }
      }
      return result
    case .quotes:
      let quote = UInt8(ascii: "\"")
      guard special || field.utf8.first == quote else { return Array(field.utf8) }
      return [quote] + field.utf8.flatMap { $0 == quote ? [quote, quote] : [$0] } + [quote]
    }
  }
}
