import Foundation
import Reel

/// A corpus in a file, and how to read it.
struct CorpusSource {
  let format: CorpusFormat
  let file: MappedFile
  /// Lines, bytes and Unicode scalars of the whole file.
  let lineCount: Int
  let scalarCount: Int
  /// Which columns or keys are read; nil where there are none.
  let columns: TextColumns?
  private let options: CorpusFormatOptions

  init(_ path: String, _ options: CorpusFormatOptions) throws {
    try options.check()
    file = try MappedFile(path)
    guard file.count > 0 else { throw CommandError("corpus '\(path)' is empty, expected text") }
    self.options = options
    let sniffer = try CorpusSniffer(file, options.invalidBytes)
    format = options.format ?? sniffer.format
    columns = TextColumns(format, options, sniffer)
    (lineCount, scalarCount) = file.withBytes { bytes in
      var (lines, scalars) = (0, 0)
      for byte in bytes {
        if byte == UInt8(ascii: "\n") { lines += 1 }
        if byte & 0xC0 != 0x80 { scalars += 1 }
      }
      return (bytes.last == UInt8(ascii: "\n") ? lines : lines + 1, scalars)
    }
  }

  /// What one item is called.
  var itemName: String {
    switch format {
    case .text: "line"
    case .conll: "sentence"
    case .tsv, .jsonLines: columns?.target == nil ? "text" : "pair"
    }
  }

  /// Calls `body` with each item; empty lines of plain text are left out.
  ///
  /// - Returns: the scheme of the tags, where there are tags.
  @discardableResult
  func forEach(
    _ choice: TokenizerChoice, _ body: (CorpusItem) throws -> Void
  ) throws -> TagScheme? {
    switch format {
    case .text:
      try PlainTextReader(file, invalidBytes: options.invalidBytes).forEach { piece in
        guard !piece.text.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) else { return }
        try body(CorpusItem(line: piece.line, tokens: choice.tokens(of: piece.text)))
      }
    case .tsv, .jsonLines: try forEachText(choice, body)
    case .conll: return try forEachSentence(body)
    }
    return nil
  }

  private func forEachSentence(_ body: (CorpusItem) throws -> Void) throws -> TagScheme? {
    var conll = ConllFormat()
    if let text = options.text {
      conll.tokenColumn = try CorpusFormatOptions.column(text, "--text")
    }
    if let label = options.label {
      conll.tagColumn = label == "none" ? nil : try CorpusFormatOptions.column(label, "--label")
    }
    var detector = TagSchemeDetector()
    try ConllReader(file, format: conll, invalidBytes: options.invalidBytes).forEach { sentence in
      let spans: [Span]
      if let scheme = options.scheme {
        spans = try sentence.spans(scheme, of: file)
      } else {
        detector.add(sentence)
        spans = TagScheme.scoredSpans(of: sentence.tags)
      }
      try body(
        CorpusItem(line: sentence.line, tokens: sentence.tokens, spans: spans.map(\.label)))
    }
    guard conll.tagColumn != nil else { return nil }
    return try options.scheme ?? detector.scheme(of: file)
  }

  private func forEachText(
    _ choice: TokenizerChoice, _ body: (CorpusItem) throws -> Void
  ) throws {
    guard let columns else { return }
    if let label = columns.label {
      try labelledReader(columns.text, label).forEach { example in
        try body(
          CorpusItem(
            line: example.line, tokens: choice.tokens(of: example.text), labels: [example.label]))
      }
    } else {
      // A text alone is read as a pair with itself.
      try pairReader(columns.text, columns.target ?? columns.text).forEach { pair in
        var tokens = choice.tokens(of: pair.source)
        if columns.target != nil { tokens += choice.tokens(of: pair.target) }
        try body(CorpusItem(line: pair.line, tokens: tokens))
      }
    }
  }

  private func labelledReader(_ text: Field, _ label: Field) throws -> LabelledTextReader {
    guard format == .tsv else {
      return LabelledTextReader(
        jsonLines: file, text: text.key, label: label.key, invalidBytes: options.invalidBytes)
    }
    return try LabelledTextReader(
      tsv: file, label: label, text: text, format: TSVFormat(hasHeader: options.header),
      invalidBytes: options.invalidBytes)
  }

  private func pairReader(_ source: Field, _ target: Field) throws -> TextPairReader {
    guard format == .tsv else {
      return TextPairReader(
        jsonLines: file, source: source.key, target: target.key,
        invalidBytes: options.invalidBytes)
    }
    return try TextPairReader(
      tsv: file, source: source, target: target, format: TSVFormat(hasHeader: options.header),
      invalidBytes: options.invalidBytes)
  }
}

/// The columns or keys that hold what.
struct TextColumns {
  let text: Field
  let label: Field?
  let target: Field?

  /// What the options say, and where they are silent, what the file looks like; nil for formats
  /// without columns of texts.
  init?(_ format: CorpusFormat, _ options: CorpusFormatOptions, _ sniffer: CorpusSniffer) {
    switch format {
    case .text, .conll: return nil
    case .tsv:
      let found = sniffer.columns(hasHeader: options.header)
      let asked = options.label != nil || options.target != nil
      text = options.text.map { Field(column: $0) } ?? .number(found.text)
      label =
        options.label.map { Field(column: $0) } ?? (asked ? nil : found.label.map { .number($0) })
      target =
        options.target.map { Field(column: $0) } ?? (asked ? nil : found.target.map { .number($0) })
    case .jsonLines:
      let isPair =
        options.label == nil
        && (options.target != nil || (options.text == nil && sniffer.firstObjectHas("source")))
      text = .name(options.text ?? (isPair ? "source" : "text"))
      target = isPair ? .name(options.target ?? "target") : nil
      let hasLabel = options.label != nil || (!isPair && sniffer.firstObjectHas("label"))
      label = hasLabel ? .name(options.label ?? "label") : nil
    }
  }

  /// "text in column 2, label in column 1".
  var description: String {
    var parts = ["text in \(text)"]
    if let label { parts.append("label in \(label)") }
    if let target { parts.append("second text in \(target)") }
    return parts.joined(separator: ", ")
  }
}

extension Field {
  /// A number is a column's place, everything else its name.
  init(column: String) {
    self = Int(column).map { .number($0) } ?? .name(column)
  }

  /// The key of a JSON object.
  var key: String {
    switch self {
    case .number(let number): "\(number)"
    case .name(let name): name
    }
  }
}
