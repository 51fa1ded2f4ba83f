import ArgumentParser
import Foundation
import Reel

/// `reel corpus`: what a corpus holds.
struct CorpusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "corpus", abstract: "Count what a corpus holds.",
    discussion: """
      Lines, bytes, characters, tokens, the lengths as a histogram, labels, the share of tokens \
      that are not in the vocabulary, and the most frequent tokens. The file is read once from \
      start to end and checked on the way: a row with too few columns, a byte that is no UTF-8 or \
      a tag that its scheme forbids is an error that names the line.

      The format follows from the name (.txt, .tsv, .jsonl or .ndjson, .conll or .bio or .iob) or \
      else from the first lines: plain text, one text on a line; TSV with a label and a text, or \
      a text and a second text; JSON Lines with "text" and "label", or "source" and "target"; CoNLL \
      with a token and its tag on a line and an empty line after each sentence.
      """)

  @Argument(help: ArgumentHelp("The corpus.", valueName: "file"))
  var file: String

  @OptionGroup(title: "Format") var format: CorpusFormatOptions

  @Option(
    help: ArgumentHelp(
      """
      What a token is, except in CoNLL, which has tokens: one of \(TokenizerChoice.names), or a \
      tokenizer.json (default: words).
      """, valueName: "name|file"))
  var tokenizer: String = "words"

  @Option(
    help: ArgumentHelp(
      """
      A corpus in the same format whose tokens are the vocabulary; labels that it lacks are an \
      error (default: of every ten items the first nine are the vocabulary of the tenth).
      """, valueName: "file"))
  var vocabularyOf: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many of the most frequent tokens to show.", valueName: "n"))
  var top: Int = 10

  @Option(help: ArgumentHelp("Draw the histogram into this file, as SVG.", valueName: "file"))
  var plot: String?

  @Flag(help: "Print one line of JSON.")
  var json = false

  func run() throws {
    guard top >= 0 else {
      throw CommandError.wrongArgument("top \(top): at least 0 is expected")
    }
    try format.check()
    let choice = try TokenizerChoice(tokenizer)
    var known: (statistics: CorpusStatistics, file: String)?
    if let vocabularyOf {
      var other = CorpusStatistics()
      try CorpusSource(vocabularyOf, format).forEach(choice) { other.add($0) }
      known = (other, vocabularyOf)
    }

    let source = try CorpusSource(file, format)
    let labels = known.map { known in
      Labels(of: (known.statistics.labels.names + known.statistics.spans.names).map(\.name))
    }
    var statistics = CorpusStatistics()
    let scheme = try source.forEach(choice) { item in
      if let labels, labels.count > 0 {
        for label in item.labels + item.spans where !label.isEmpty {
          _ = try labels.index(of: label, line: item.line, of: source.file)
        }
      }
      statistics.add(item)
    }
    let report = CorpusReport(
      statistics, of: source, tagScheme: scheme?.name, tokenizer: tokenizer,
      known: known.map { ($0.statistics.allTokens, $0.file) }, top: top)
    if let plot {
      let svg = statistics.lengths.svg(
        title: (file as NSString).lastPathComponent, unit: report.lengthUnit)
      try AtomicFile.write(svg, to: plot)
    }
    do {
      if json { try JSONOutput.write(report) } else { try StandardStreams.write(report.text) }
    } catch is StandardStreams.ClosedPipe {}
  }
}
