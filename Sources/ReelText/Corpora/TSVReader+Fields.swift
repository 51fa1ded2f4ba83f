extension TSVReader {
  /// The fields of a row that begins with `line`; with quotes it may go on in the lines after it.
  static func fields(
    _ line: Line, _ lines: inout Lines, _ quoting: TSVFormat.Quoting
  ) throws(TextError) -> [String] {
    switch quoting {
    case .none:
      return line.bytes.split(separator: tab, omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
    case .backslashes:
      var fields: [String] = []
      for part in line.bytes.split(separator: tab, omittingEmptySubsequences: false) {
        fields.append(try unescaped(part, line: line.number, in: lines.file))
      }
      return fields
    case .quotes:
      return try quotedFields(line, &lines)
    }
  }

  /// A stray quote must not gather a file that is larger than the memory.
  private static var largestQuoted: Int { 16 << 20 }

  private static var tab: UInt8 { UInt8(ascii: "\t") }

  private static func unescaped(
    _ bytes: ArraySlice<UInt8>, line: Int, in file: MappedFile
  ) throws(TextError) -> String {
    guard bytes.contains(UInt8(ascii: "\\")) else { return String(decoding: bytes, as: UTF8.self) }
    var result: [UInt8] = []
    var position = bytes.startIndex
    while position < bytes.endIndex {
      guard bytes[position] == UInt8(ascii: "\\") else {
        result.append(bytes[position])
        position += 1
        continue
      }
      position += 1
      switch position < bytes.endIndex ? bytes[position] : 0 {
      case UInt8(ascii: "t"): result.append(tab)
      case UInt8(ascii: "n"): result.append(UInt8(ascii: "\n"))
      case UInt8(ascii: "r"): result.append(UInt8(ascii: "\r"))
      case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
      default:
        let rest = String(decoding: bytes[position...].prefix(4), as: UTF8.self)
        let found = rest.unicodeScalars.first.map { jsonQuoted("\\\($0)") } ?? "the end of a field"
        throw file.error(
          line: line, "found \(found), expected one of the escapes \\t \\n \\r \\\\")
      }
      position += 1
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func quotedFields(
    _ first: Line, _ lines: inout Lines
  ) throws(TextError) -> [String] {
    let quote = UInt8(ascii: "\"")
    var fields: [String] = []
    var line = first
    var position = 0
    while true {
      var field: [UInt8] = []
      if position < line.bytes.count, line.bytes[position] == quote {
        let opening = line.number
        position += 1
        while true {
          guard position < line.bytes.count else {
            guard let next = try lines.next() else {
              throw lines.file.error(
                line: opening, "a quote opens a field and none closes it before the end of the file"
              )
            }
            guard field.count <= largestQuoted else {
              throw lines.file.error(
                line: opening,
                "a quote opens a field and none closes it within \(largestQuoted >> 20) MiB")
            }
            if line.endsWithCarriageReturn { field.append(UInt8(ascii: "\r")) }
            field.append(UInt8(ascii: "\n"))
            (line, position) = (next, 0)
            continue
          }
          let byte = line.bytes[position]
          position += 1
          if byte != quote {
            field.append(byte)
          } else if position < line.bytes.count, line.bytes[position] == quote {
            field.append(quote)
            position += 1
          } else {
            break
          }
        }
        guard position == line.bytes.count || line.bytes[position] == tab else {
          throw lines.file.error(
            line: line.number,
            "text follows the closing quote of field \(fields.count + 1), "
              + "expected a tab or the end of the line")
        }
      } else {
        let end = line.bytes[position...].firstIndex(of: tab) ?? line.bytes.count
        field = Array(line.bytes[position..<end])
        position = end
      }
      fields.append(String(decoding: field, as: UTF8.self))
      guard position < line.bytes.count else { return fields }
      position += 1
    }
  }
}
