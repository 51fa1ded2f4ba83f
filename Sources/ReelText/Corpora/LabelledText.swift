/// A text and the class it belongs to.
public struct LabelledText: Sendable, Hashable {
  public var text: String
  public var label: String
  /// The line on which it begins in its file, from 1; 0 where it came from no file.
  public var line: Int

  public init(text: String, label: String, line: Int = 0) {
    self.text = text
    self.label = label
    self.line = line
  }
}

/// A text and what it is to be turned into: a translation, a transcription, a normal form.
public struct TextPair: Sendable, Hashable {
  public var source: String
  public var target: String
  /// The line on which it begins in its file, from 1; 0 where it came from no file.
  public var line: Int

  public init(source: String, target: String, line: Int = 0) {
    self.source = source
    self.target = target
    self.line = line
  }
}

/// Reads labelled texts, one for each row of tab-separated values or each line of JSON.
///
/// ```swift
/// var reader = try LabelledTextReader(tsv: MappedFile("train.tsv"))
/// while let example = try reader.next() { … }
/// ```
public struct LabelledTextReader: RecordReader {
  private var fields: FieldPairReader

  /// Rows of tab-separated values, the label before the text unless told otherwise: labels are short
  /// and line up.
  ///
  /// - Throws: where the header is bad or a column does not exist.
  public init(
    tsv file: MappedFile, label: Field = 1, text: Field = 2, format: TSVFormat = TSVFormat(),
    invalidBytes: InvalidBytes = .refused
  ) throws(TextError) {
    fields = try FieldPairReader(
      TSVReader(file, format: format, invalidBytes: invalidBytes), text, label)
  }

  /// Lines of JSON. The text must be a string; a label may also be a whole number, `true` or
  /// `false`, and is taken as it is written.
  public init(
    jsonLines file: MappedFile, text: String = "text", label: String = "label",
    invalidBytes: InvalidBytes = .refused
  ) {
    fields = FieldPairReader(
      JSONLinesReader(file, invalidBytes: invalidBytes), text, label, acceptsNumbers: true)
  }

  /// - Throws: at a row with the wrong number of columns, bad JSON, a missing key, or an empty
  ///   label.
  public mutating func next() throws(TextError) -> LabelledText? {
    guard let (text, label, line) = try fields.next() else { return nil }
    guard !label.utf8.isEmpty else {
      let error = fields.file.error(line: line, "the label is empty, expected its name")
      fields.end()
      throw error
    }
    return LabelledText(text: text, label: label, line: line)
  }
}

/// Reads pairs of texts, one for each row of tab-separated values or each line of JSON.
public struct TextPairReader: RecordReader {
  private var fields: FieldPairReader

  /// Rows of tab-separated values.
  ///
  /// - Throws: where the header is bad or a column does not exist.
  public init(
    tsv file: MappedFile, source: Field = 1, target: Field = 2, format: TSVFormat = TSVFormat(),
    invalidBytes: InvalidBytes = .refused
  ) throws(TextError) {
    fields = try FieldPairReader(
      TSVReader(file, format: format, invalidBytes: invalidBytes), source, target)
  }

  /// Lines of JSON with two strings.
  public init(
    jsonLines file: MappedFile, source: String = "source", target: String = "target",
    invalidBytes: InvalidBytes = .refused
  ) {
    fields = FieldPairReader(
      JSONLinesReader(file, invalidBytes: invalidBytes), source, target, acceptsNumbers: false)
  }

  /// - Throws: at a row with the wrong number of columns, bad JSON or a missing key.
  public mutating func next() throws(TextError) -> TextPair? {
    guard let (source, target, line) = try fields.next() else { return nil }
    return TextPair(source: source, target: target, line: line)
  }
}
