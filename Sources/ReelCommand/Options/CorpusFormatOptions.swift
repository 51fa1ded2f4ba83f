import ArgumentParser
import Reel

/// The formats of corpora by name.
enum CorpusFormat: String, ExpressibleByArgument, CaseIterable {
  case text, tsv
  case jsonLines = "json-lines"
  case conll
}

extension TagScheme: ExpressibleByArgument {}

/// How a corpus is read, where what the file looks like is not enough.
struct CorpusFormatOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The format (default: what the file looks like).", valueName: "name"))
  var format: CorpusFormat?

  @Option(
    help: ArgumentHelp(
      """
      Where the text of a row is: a column's number from 1, its name in the header, or the key of \
      a JSON object; in CoNLL the column of the tokens (default: what the file looks like).
      """, valueName: "column"))
  var text: String?

  @Option(
    help: ArgumentHelp(
      """
      The same of the label; in CoNLL the column of the tags, or none (default there: the last).
      """, valueName: "column"))
  var label: String?

  @Option(
    help: ArgumentHelp(
      "The same of a second text that belongs to the first, instead of a label.",
      valueName: "column"))
  var target: String?

  @Flag(help: "The first line of a TSV file names the columns.")
  var header = false

  @Option(
    help: ArgumentHelp(
      "The scheme that the tags of CoNLL must keep (default: the one they keep).",
      valueName: "name"))
  var scheme: TagScheme?

  @Flag(help: "Read bytes that are not UTF-8 as U+FFFD.")
  var replaceInvalid = false

  var invalidBytes: InvalidBytes { replaceInvalid ? .replaced : .refused }

  /// - Throws: a wrong argument for options that exclude each other.
  func check() throws {
    guard label == nil || target == nil else {
      throw CommandError.wrongArgument("--label and --target: one of them is expected")
    }
  }
}
