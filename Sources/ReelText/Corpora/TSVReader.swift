/// A row of a file of tab-separated values.
public struct TSVRow: Sendable, Hashable {
  public let fields: [String]
  /// The line on which it begins, from 1.
  public let line: Int
}

/// Reads tab-separated values row by row. Every row must have the same number of columns; empty
/// lines are skipped, except in files of one column.
public struct TSVReader: RecordReader {
  public let format: TSVFormat
  /// The names of the columns, where the file has a header.
  public let header: [String]?
  public var file: MappedFile { lines.file }
  /// The number of bytes that have been read.
  public var byteOffset: Int { lines.byteOffset }

  private var lines: Lines
  /// How many columns each row must have, and why; nil until the first row is known.
  private var expected: (count: Int, reason: String)?
  private var isAtEnd = false

  /// Reads the header, where there is one.
  public init(
    _ file: MappedFile, format: TSVFormat = TSVFormat(), invalidBytes: InvalidBytes = .refused
  ) throws(TextError) {
    self.format = format
    lines = Lines(file, invalidBytes: invalidBytes)
    expected = format.columnCount.map { ($0, "") }
    guard format.hasHeader else {
      header = nil
      return
    }
    guard let line = try lines.next() else {
      throw TextError("\(file.name) is empty, expected a header line with names of columns")
    }
    let names = try Self.fields(line, &lines, format.quoting)
    for (index, name) in names.enumerated() {
      guard !names[..<index].contains(where: { $0.utf8.elementsEqual(name.utf8) }) else {
        throw file.error(
          line: line.number, "the header names the column \(jsonQuoted(name)) twice")
      }
    }
    header = names
    try checkCount(names.count, line: line.number)
  }

  /// The place of a column in the fields of a row.
  ///
  /// - Throws: where the header has no such name, or the rows no such number.
  public func index(of field: Field) throws(TextError) -> Int {
    switch field {
    case .number(let number):
      guard number >= 1 else {
        throw TextError("\(file.name): column \(number) came, columns count from 1")
      }
      if let expected, number > expected.count {
        throw TextError(
          "\(file.name) has \(columns(expected.count)), column \(number) was asked for")
      }
      return number - 1
    case .name(let name):
      guard let header else {
        throw TextError(
          "\(file.name) is read without a header, so \(field) cannot be found by name")
      }
      guard let index = header.firstIndex(where: { $0.utf8.elementsEqual(name.utf8) }) else {
        throw TextError("\(file.name) has no \(field), expected one of \(quotedList(header))")
      }
      return index
    }
  }

  public mutating func next() throws(TextError) -> TSVRow? {
    do {
      return isAtEnd ? nil : try row()
    } catch {
      isAtEnd = true
      throw error
    }
  }

  private mutating func row() throws(TextError) -> TSVRow? {
    while let line = try lines.next() {
      if line.bytes.isEmpty, expected?.count != 1 { continue }
      let fields = try Self.fields(line, &lines, format.quoting)
      try checkCount(fields.count, line: line.number)
      return TSVRow(fields: fields, line: line.number)
    }
    return nil
  }

  /// Looks at the first row, without reading past it, for the number of columns.
  mutating func learnColumnCount() throws(TextError) {
    var copy = self
    if expected == nil, try copy.next() != nil { expected = copy.expected }
  }

  private mutating func checkCount(_ count: Int, line: Int) throws(TextError) {
    guard let (expectedCount, reason) = expected else {
      expected = (count, ", as on line \(line)")
      return
    }
    guard count == expectedCount else {
      throw file.error(line: line, "\(columns(count)), expected \(expectedCount)\(reason)")
    }
  }
}

/// `1 column`, `3 columns`.
func columns(_ count: Int) -> String { "\(count) column\(count == 1 ? "" : "s")" }

/// Names in quotes with commas between them; of many, only the first 20.
func quotedList(_ names: [String]) -> String {
  let shown = names.prefix(20).map { jsonQuoted($0) }.joined(separator: ", ")
  return names.count > 20 ? "\(shown), … (\(names.count) in all)" : shown
}
