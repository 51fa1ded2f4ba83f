import ArgumentParser
import Reel

/// `reel tag`: the names, phrases or parts of speech of sentences.
struct TagCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tag", abstract: "Find the names, phrases or parts of speech of sentences.",
    discussion: """
      The input is plain text, one sentence on a line, which is cut into words; or it is in CoNLL \
      columns, a token on each line and an empty line after each sentence. Which of them it is, is \
      told from the name of the file (.conll, .bio, .iob) or its first lines, where the last of \
      several columns has to be a tag. Sentences are answered as they come, so a pipe may stay open.

      inline writes the text with its spans in brackets, [PER Ida Holm] (on a terminal in colours), \
      or each word with its tag where tags mark no spans; conll writes the columns that came and \
      the predicted tag in one more, which is what `reel evaluate --predicted` and the CoNLL scorer \
      read; json one object for each sentence, with spans as places of tokens from 0, the end not \
      included, and tokens as bytes of the line.

      A sentence that cannot be read is named on standard error, with an empty line (or an object \
      with the key error) in its place; the others are tagged, and the exit code is 1 at the end. \
      An empty line of plain text is a sentence without words.
      """)

  @OptionGroup var options: AnswerOptions

  @Option(
    help: ArgumentHelp(
      "How to write (default: inline for text, conll for CoNLL).", valueName: "format"))
  var format: TagFormat?

  @Option(help: ArgumentHelp("What is read (default: what it looks like).", valueName: "kind"))
  var input: SentenceInput?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The column of the tokens in CoNLL, from 1.", valueName: "column"))
  var tokenColumn: Int = 1

  @Flag(
    help: """
      Show how probable each span is, of all taggings of its sentence; in CoNLL in one more column.
      """)
  var confidence = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Write the n most probable taggings: in CoNLL in a column each, inline on a line each after \
      their probability.
      """, valueName: "n"))
  var nBest: Int?

  func run() throws {
    guard tokenColumn >= 1 else {
      throw CommandError.wrongArgument(
        "--token-column \(tokenColumn): columns have numbers from 1")
    }
    if let nBest, nBest < 1 || nBest > 1000 {
      throw CommandError.wrongArgument("--n-best \(nBest): a number from 1 to 1000 is expected")
    }
    guard !confidence || nBest == nil else {
      throw CommandError.wrongArgument("--confidence and --n-best: one of them is expected")
    }
    try options.machine.run {
      let model = try SequenceTagger(folder: options.model)
      let loop = try AnswerLoop(options)
      let input = try input ?? SentenceInput.of(options.file, loop.input)
      var reader = SentenceReader(input, tokenColumn: tokenColumn)
      var writer = TagWriter(
        format ?? (input == .text ? .inline : .conll), nBest: nBest ?? 1,
        showsProbabilities: confidence, labels: model.spanLabels)
      func tag(_ sentences: [InputSentence]) throws {
        for case let (problem, line)? in sentences.map(\.unnamed) { loop.tell(problem, line) }
        try answer(sentences, model, &writer)
      }
      do {
        try loop.run(
          answer: { try tag(reader.sentences(of: $0)) }, finish: { try tag(reader.rest()) },
          flush: { try writer.flush() })
      } catch is StandardStreams.ClosedPipe {
        // The reader has had enough.
      }
    }
  }

  private func answer(
    _ sentences: [InputSentence], _ model: SequenceTagger, _ writer: inout TagWriter
  ) throws {
    let tokens = sentences.map { $0.problem == nil ? $0.tokens : [] }
    let tags = nBest == nil ? model.tag(tokens) : []
    let confident = confidence && model.spanLabels != nil
    let spans = confident ? model.spans(tokens, confidence: true) : []
    for (index, sentence) in sentences.enumerated() {
      var answer = SentenceTags()
      if let nBest, sentence.problem == nil, !sentence.tokens.isEmpty {
        answer.best = model.tagBest(nBest, sentence.tokens)
        answer.tags = answer.best.first?.tags ?? []
      } else if nBest == nil {
        answer.tags = tags[index]
      }
      if model.spanLabels != nil {
        answer.spans = confident ? spans[index] : TagWriter.spans(of: answer.tags)
      }
      try writer.write(sentence, answer)
    }
  }
}

extension SequenceTagger {
  /// The labels of spans; nil where tags mark none.
  fileprivate var spanLabels: [String]? {
    guard configuration.dataScheme != nil else { return nil }
    return Labels(of: configuration.tags.map { String($0.dropFirst(2)) }).names
  }
}
