import ArgumentParser
import Reel

/// `reel translate`: what each line becomes.
struct TranslateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate", abstract: "Turn each line into what a seq2seq model makes of it.",
    discussion: """
      Each line is a source; the answer is its best target. Lines are answered as they come, so a \
      pipe may stay open. With --n-best each source has several lines: its number, the \
      log-probability in nats and the target, with tabs between.

      An empty line, or one that is too long, not UTF-8 or without a single token that the model \
      knows, gets an empty line for an answer and is named on standard error; the others are \
      answered, and the exit code is 1 at the end.
      """)

  @OptionGroup var options: AnswerOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Hypotheses that are followed at once; 1 is greedy (default: 1, or --n-best).",
      valueName: "n"))
  var beam: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Answers to each line, at most --beam.", valueName: "n"))
  var nBest: Int = 1

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      What the scores of longer answers are divided by: mean, their length; none; or a number α, \
      ((5 + length) / 6)^α.
      """, valueName: "name|α"))
  var lengthNormalization: NormalizationByLength = NormalizationByLength(value: .mean)

  @Flag(
    help: """
      Print one JSON object for each line, with the answer and its score; with the key error where \
      there is none.
      """)
  var json = false

  @Flag(
    help: """
      With --json, add where the model looked: for each token of the answer, and its end, the \
      weights of the source's tokens.
      """)
  var attention = false

  func run() throws {
    guard !attention || json else {
      throw CommandError.wrongArgument("--attention needs --json")
    }
    let search = TranslationOptions(
      beam: beam ?? max(nBest, 1), nBest: nBest, normalization: lengthNormalization.value,
      givesAttention: attention)
    try CommandError.checkingArguments { try search.validate() }
    try options.machine.run {
      let model = try Seq2Seq(folder: options.model)
      var output = LineOutput()
      let loop = try AnswerLoop(options)
      do {
        try loop.run(
          problem: { text in
            do {
              _ = try model.ids(of: text)
              return nil
            } catch {
              return "\(error)"
            }
          },
          answer: { try answer($0, model, search, &output) }, flush: { try output.flush() })
      } catch is StandardStreams.ClosedPipe {
        // The reader has had enough.
      }
    }
  }

  private func answer(
    _ lines: [AnswerLine], _ model: Seq2Seq, _ search: TranslationOptions,
    _ output: inout LineOutput
  ) throws {
    let good = lines.filter { $0.problem == nil }
    var answers = try model.translate(good.map(\.text), search)[...]
    for line in lines {
      if json {
        let found = line.problem == nil ? answers.popFirst() ?? [] : []
        try output.write(line: object(line, found, model).closed)
      } else if line.problem != nil {
        try output.write(line: "")
      } else if let found = answers.popFirst() {
        guard nBest > 1 else {
          try output.write(line: Self.oneLine(found.first?.text ?? ""))
          continue
        }
        for answer in found {
          let score = TextFormat.fixed(answer.logProbability, 4)
          try output.write(line: "\(line.number)\t\(score)\t\(Self.oneLine(answer.text))")
        }
      }
    }
  }

  /// An answer is one line, whatever its tokens are.
  private static func oneLine(_ text: String) -> String {
    guard text.utf8.contains(0x0A) || text.utf8.contains(0x0D) else { return text }
    return text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  private func object(
    _ line: AnswerLine, _ answers: [Translation], _ model: Seq2Seq
  ) -> JSONLine {
    var object = JSONLine()
    object.add("line", line.number)
    if let problem = line.problem {
      object.add("error", problem)
      return object
    }
    object.add("source", line.text)
    if attention { object.add("source_tokens", model.source.encoding(of: line.text).tokens) }
    if let best = answers.first { Self.add(best, to: &object, model) }
    if nBest > 1 {
      object.add(
        "n_best",
        answers.map { answer in
          var object = JSONLine()
          Self.add(answer, to: &object, model)
          return object
        })
    }
    return object
  }

  private static func add(
    _ answer: Translation, to object: inout JSONLine, _ model: Seq2Seq
  ) {
    object.add("target", answer.text)
    object.add("score", answer.score)
    object.add("log_probability", answer.logProbability)
    if let attention = answer.attention {
      object.add("target_tokens", answer.tokens.map { model.target.decode([$0]) })
      object.add("attention", attention)
    }
  }
}

/// `none`, `mean`, or the α of Wu et al. 2016.
struct NormalizationByLength: ExpressibleByArgument, CustomStringConvertible {
  let value: LengthNormalization

  init(value: LengthNormalization) { self.value = value }

  init?(argument: String) {
    switch argument {
    case "none": value = .none
    case "mean": value = .mean
    default:
      guard let alpha = Double(argument), alpha.isFinite, alpha >= 0 else { return nil }
      value = .power(alpha: alpha)
    }
  }

  var description: String {
    switch value {
    case .none: "none"
    case .mean: "mean"
    case .power(let alpha): "\(alpha)"
    }
  }
}
