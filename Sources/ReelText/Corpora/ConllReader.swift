/// Reads sentences in CoNLL columns. Sentences end with an empty line (or one of spaces and tabs
/// alone) and with the file; all lines with tokens must have the same number of columns.
public struct ConllReader: RecordReader {
  public let format: ConllFormat
  public var file: MappedFile { lines.file }
  /// The number of bytes that have been read.
  public var byteOffset: Int { lines.byteOffset }

  private var lines: Lines
  /// Documents that have begun with a sentence, and marks that have come since.
  private var document = 0
  private var marks = 0
  /// How many columns each line must have, and on which line that was seen.
  private var expected: (count: Int, line: Int)?
  private var isAtEnd = false

  public init(
    _ file: MappedFile, format: ConllFormat = ConllFormat(),
    invalidBytes: InvalidBytes = .refused
  ) {
    self.format = format
    lines = Lines(file, invalidBytes: invalidBytes)
  }

  /// - Throws: at a line with the wrong number of columns, or with an empty token or tag.
  public mutating func next() throws(TextError) -> TaggedSentence? {
    guard !isAtEnd else { return nil }
    do {
      return try sentence()
    } catch {
      isAtEnd = true
      throw error
    }
  }

  private mutating func sentence() throws(TextError) -> TaggedSentence? {
    var tokens: [String] = []
    var tags: [String] = []
    var first = 0
    while let line = try lines.next() {
      if line.isBlank {
        if tokens.isEmpty { continue }
        break
      }
      if tokens.isEmpty, let prefix = format.commentPrefix, line.bytes.starts(with: prefix.utf8) {
        continue
      }
      let fields = fields(of: line)
      if let mark = format.documentMark, fields[0].elementsEqual(mark.utf8) {
        // Some files have no empty line before a mark: it belongs to the sentence after it.
        marks += 1
        if tokens.isEmpty { continue }
        break
      }
      if tokens.isEmpty {
        first = line.number
        document += marks
        marks = 0
      }
      try checkCount(fields.count, line: line.number)
      tokens.append(try field(format.tokenColumn, of: fields, "token", line: line.number))
      if let column = format.tagColumn {
        tags.append(try field(column, of: fields, "tag", line: line.number))
      }
    }
    guard !tokens.isEmpty else { return nil }
    return TaggedSentence(tokens: tokens, tags: tags, line: first, document: document)
  }

  private func fields(of line: Line) -> [ArraySlice<UInt8>] {
    switch format.separator {
    case .whiteSpace: line.bytes.split { $0 == 0x20 || $0 == 0x09 }
    case .tab: line.bytes.split(separator: 0x09, omittingEmptySubsequences: false)
    }
  }

  private mutating func checkCount(_ count: Int, line: Int) throws(TextError) {
    guard let expected else {
      self.expected = (count, line)
      return
    }
    guard count == expected.count else {
      throw file.error(
        line: line, "\(columns(count)), expected \(expected.count), as on line \(expected.line)")
    }
  }

  private func field(
    _ column: ConllFormat.Column, of fields: [ArraySlice<UInt8>], _ what: String, line: Int
  ) throws(TextError) -> String {
    let index: Int
    switch column {
    case .last: index = fields.count - 1
    case .number(let number): index = number - 1
    }
    guard fields.indices.contains(index) else {
      throw file.error(
        line: line, "\(columns(fields.count)), expected the \(what) in \(column)")
    }
    // A file of tokens alone, read as if it had tags, would give each token as its own tag.
    if what == "tag", fields.count == 1 {
      throw file.error(line: line, "1 column, expected a token and a tag")
    }
    guard !fields[index].isEmpty else {
      throw file.error(line: line, "the \(what) in \(column) is empty")
    }
    return String(decoding: fields[index], as: UTF8.self)
  }
}
