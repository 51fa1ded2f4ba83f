import ArgumentParser
import Reel

/// `reel generate`: lets a model write.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Let a language model write, on from a prompt.",
    discussion: """
      The prompt and what the model adds to it are written as they come. Characters of the prompt \
      that the model has never seen are named on standard error and read as unknown.
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var model: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The text to go on from (default: none; the model starts after a line end).",
      valueName: "text"))
  var prompt: String = ""

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Tokens to write.", valueName: "n"))
  var length: Int = 500

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Divides the scores: below 1 the likely becomes likelier, 0 takes the likeliest every time \
      (default: 1).
      """, valueName: "t"))
  var temperature: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Choose among the k likeliest tokens (default: all).", valueName: "k"))
  var topK: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Choose among the fewest tokens whose probabilities sum to p (default: all).",
      valueName: "p"))
  var topP: Float?

  @Flag(help: "Take the likeliest token every time.")
  var greedy = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The same seed gives the same text (default: a new one).", valueName: "n"))
  var seed: UInt64?

  @OptionGroup(title: "Machine") var threads: ThreadOptions

  func run() throws {
    let sampling = try checkedSampling()
    try threads.run {
      let model = try LanguageModel(folder: model)
      warn(about: model.tokenizer.encodePrompt(prompt).unknown)
      let seed = seed ?? UInt64(UInt32.random(in: .min ... .max))
      if self.seed == nil && !greedy && StandardStreams.errorIsTerminal {
        StandardStreams.writeError("seed \(seed)\n")
      }
      do {
        try StandardStreams.write(prompt)
        var last = prompt.unicodeScalars.last
        try model.generate(prompt: prompt, length: length, sampling: sampling, seed: seed) { text in
          try StandardStreams.write(text)
          last = text.unicodeScalars.last ?? last
        }
        // A shell's prompt belongs on a line of its own; a file gets the text and nothing else.
        if StandardStreams.outputIsTerminal && last != "\n" { try StandardStreams.write("\n") }
      } catch is StandardStreams.ClosedPipe {
        // The reader has had enough.
      }
    }
  }

  private func checkedSampling() throws -> Sampling {
    guard length >= 0 else {
      throw CommandError.wrongArgument("length \(length): at least 0 is expected")
    }
    if greedy {
      guard temperature == nil && topK == nil && topP == nil else {
        throw CommandError.wrongArgument(
          "--greedy leaves no choice: --temperature, --top-k and --top-p do not go with it")
      }
      return .greedy
    }
    let sampling = Sampling(temperature: temperature ?? 1, topK: topK, topP: topP)
    try CommandError.checkingArguments { try sampling.validate() }
    return sampling
  }

  private func warn(about unknown: [Unicode.Scalar]) {
    guard !unknown.isEmpty else { return }
    let most = 20
    let names = unknown.prefix(most).map { scalar in
      let code = String(scalar.value, radix: 16, uppercase: true)
      let name = "U+" + String(repeating: "0", count: max(0, 4 - code.count)) + code
      return scalar.isPrintable ? "'\(scalar)' (\(name))" : name
    }
    let rest = unknown.count > most ? " and \(unknown.count - most) more" : ""
    StandardStreams.writeError(
      "Warning: the model has never seen \(names.joined(separator: ", "))\(rest); read as unknown\n"
    )
  }
}

extension Unicode.Scalar {
  /// Whether it shows as itself: no control, no mark that would join what stands before it.
  fileprivate var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator, .nonspacingMark, .enclosingMark, .spacingMark:
      false
    default: true
    }
  }
}
