import ArgumentParser
import Foundation
import Reel

/// What the formats of examples have in common: rows of tab-separated values, or lines of JSON.
enum ExampleFormat: String, ExpressibleByArgument, CaseIterable {
  case tsv
  case jsonLines = "json-lines"

  /// What the name of a file says, or else its first character.
  static func of(_ file: MappedFile) -> ExampleFormat {
    switch (file.path as NSString).pathExtension.lowercased() {
    case "jsonl", "ndjson", "json": .jsonLines
    case "tsv", "tab", "txt", "csv": .tsv
    default: file.withBytes { $0.first == UInt8(ascii: "{") } ? .jsonLines : .tsv
    }
  }

  /// Opens a file of examples.
  ///
  /// - Throws: one line where it is missing or empty.
  static func open(_ path: String) throws -> MappedFile {
    let file = try MappedFile(path)
    guard file.count > 0 else { throw CommandError("corpus '\(path)' is empty, expected examples") }
    return file
  }
}

/// How labelled texts are read.
struct LabelledCorpusOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The format of the corpus (default: what its name and its beginning say).",
      valueName: "name"))
  var format: ExampleFormat?

  @Option(
    help: ArgumentHelp(
      """
      Where the label of a row is: a column's number from 1, its name in the header, or the key of \
      a JSON object (default: 1, or "label").
      """, valueName: "column"))
  var label: String?

  @Option(
    help: ArgumentHelp(
      "The same of the text (default: 2, or \"text\").", valueName: "column"))
  var text: String?

  @Flag(help: "The first line of a TSV file names the columns.")
  var header = false

  @Flag(help: "Read bytes that are not UTF-8 as U+FFFD.")
  var replaceInvalid = false

  func read(_ path: String) throws -> [LabelledText] {
    let file = try ExampleFormat.open(path)
    let invalidBytes: InvalidBytes = replaceInvalid ? .replaced : .refused
    switch format ?? ExampleFormat.of(file) {
    case .jsonLines:
      return try LabelledTextReader(
        jsonLines: file, text: text ?? "text", label: label ?? "label", invalidBytes: invalidBytes
      ).records()
    case .tsv:
      return try LabelledTextReader(
        tsv: file, label: label.map { Field(column: $0) } ?? 1,
        text: text.map { Field(column: $0) } ?? 2, format: TSVFormat(hasHeader: header),
        invalidBytes: invalidBytes
      ).records()
    }
  }
}

/// How pairs of texts are read.
struct PairCorpusOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The format of the corpus (default: what its name and its beginning say).",
      valueName: "name"))
  var format: ExampleFormat?

  @Option(
    help: ArgumentHelp(
      """
      Where the source of a row is: a column's number from 1, its name in the header, or the key \
      of a JSON object (default: 1, or "source").
      """, valueName: "column"))
  var source: String?

  @Option(
    help: ArgumentHelp(
      "The same of the target (default: 2, or \"target\").", valueName: "column"))
  var target: String?

  @Flag(help: "The first line of a TSV file names the columns.")
  var header = false

  @Flag(help: "Read bytes that are not UTF-8 as U+FFFD.")
  var replaceInvalid = false

  func read(_ path: String) throws -> [TextPair] {
    let file = try ExampleFormat.open(path)
    let invalidBytes: InvalidBytes = replaceInvalid ? .replaced : .refused
    switch format ?? ExampleFormat.of(file) {
    case .jsonLines:
      return try TextPairReader(
        jsonLines: file, source: source ?? "source", target: target ?? "target",
        invalidBytes: invalidBytes
      ).records()
    case .tsv:
      return try TextPairReader(
        tsv: file, source: source.map { Field(column: $0) } ?? 1,
        target: target.map { Field(column: $0) } ?? 2, format: TSVFormat(hasHeader: header),
        invalidBytes: invalidBytes
      ).records()
    }
  }
}

/// How tagged sentences are read.
struct TaggedCorpusOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The column of the tokens, from 1 (default: 1).", valueName: "column"))
  var tokenColumn: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The column of the tags, from 1 (default: the last).", valueName: "column"))
  var tagColumn: Int?

  @Flag(help: "Read bytes that are not UTF-8 as U+FFFD.")
  var replaceInvalid = false

  /// - Throws: a wrong argument for a column below 1.
  func format() throws -> ConllFormat {
    var format = ConllFormat()
    for (name, column) in [("token-column", tokenColumn), ("tag-column", tagColumn)] {
      if let column, column < 1 {
        throw CommandError.wrongArgument("--\(name) \(column): columns have numbers from 1")
      }
    }
    if let tokenColumn { format.tokenColumn = .number(tokenColumn) }
    if let tagColumn { format.tagColumn = .number(tagColumn) }
    return format
  }

  func read(_ path: String) throws -> [TaggedSentence] {
    try ConllReader(
      try ExampleFormat.open(path), format: try format(),
      invalidBytes: replaceInvalid ? .replaced : .refused
    ).records()
  }
}
