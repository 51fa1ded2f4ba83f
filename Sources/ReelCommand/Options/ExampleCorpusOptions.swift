import ArgumentParser
import Reel

/// How a corpus with one example in a row is read, whatever its columns are.
struct RowOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The format of the corpus (default: what its name and its beginning say).",
      valueName: "name"))
  var format: ExampleFormat?

  @Flag(help: "The first line of a TSV file names the columns.")
  var header = false

  @Flag(help: "Read bytes that are not UTF-8 as U+FFFD.")
  var replaceInvalid = false

  func file(_ path: String) throws -> ExampleFile {
    try ExampleFile(path, format: format, hasHeader: header, replacesInvalidBytes: replaceInvalid)
  }
}

/// How labelled texts are read.
struct LabelledCorpusOptions: ParsableArguments {
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

  @OptionGroup var rows: RowOptions

  func read(_ path: String) throws -> [LabelledText] {
    try rows.file(path).labelledTexts(label: label, text: text)
  }
}

/// How pairs of texts are read.
struct PairCorpusOptions: ParsableArguments {
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

  @OptionGroup var rows: RowOptions

  func read(_ path: String) throws -> [TextPair] {
    try rows.file(path).pairs(source: source, target: target)
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
    try ExampleFile.sentences(path, try format(), replacesInvalidBytes: replaceInvalid)
  }
}
