import ArgumentParser
import Reel

/// `reel generate`: lets a model write.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Let a model write: on from a prompt, or texts of a kind.",
    discussion: """
      A language model goes on from a prompt; the prompt and what the model adds to it are written \
      as they come. Characters of the prompt that the model has never seen are named on standard \
      error and read as unknown.

      A text generator writes whole texts of a kind, one on a line, and ends each by itself; line \
      ends within a text are escaped by a backslash.
      """)

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var model: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The text that a language model goes on from (default: none; it starts after a line end).
      """, valueName: "text"))
  var prompt: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The kind of text that a text generator writes: one of its labels.", valueName: "label"))
  var label: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("How many texts a text generator writes (default: 1).", valueName: "n"))
  var count: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Tokens to write; of a text generator, tokens after which a text is cut off (default: 500, or \
      \(TextGenerator.standardMaximumLength)).
      """, valueName: "n"))
  var length: Int?

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

  @OptionGroup(title: "Machine") var machine: MachineOptions

  func run() throws {
    let sampling = try checkedSampling()
    try machine.run {
      do {
        switch try ModelFolder.kind(of: model) {
        case .languageModel: try writeText(sampling)
        case .textGenerator: try writeTexts(sampling)
        case let kind:
          throw CommandError(
            "'\(model)' holds \(kind.title), a language model or a text generator is expected")
        }
      } catch is StandardStreams.ClosedPipe {
        // The reader has had enough.
      }
    }
  }

  // MARK: A language model

  private func writeText(_ sampling: Sampling) throws {
    let model = try LanguageModel(folder: model)
    try refuse("--label", label != nil, "a language model")
    try refuse("--count", count != nil, "a language model")
    let prompt = prompt ?? ""
    warn(about: model.tokenizer.encodePrompt(prompt).unknown)
    let seed = chosenSeed()
    try StandardStreams.write(prompt)
    var last = prompt.unicodeScalars.last
    try model.generate(
      prompt: prompt, length: length ?? 500, sampling: sampling, seed: seed
    ) { text in
      try StandardStreams.write(text)
      last = text.unicodeScalars.last ?? last
    }
    // A shell's prompt belongs on a line of its own; a file gets the text and nothing else.
    if StandardStreams.outputIsTerminal && last != "\n" { try StandardStreams.write("\n") }
  }

  // MARK: A text generator

  /// Texts that are written together: the first must not wait for all others.
  private static let textsAtOnce = 64

  private func writeTexts(_ sampling: Sampling) throws {
    let model = try TextGenerator(folder: model)
    try refuse("--prompt", prompt != nil, "a text generator")
    let labels = model.configuration.labels
    if label == nil, !labels.isEmpty {
      let names = labels.prefix(20) + (labels.count > 20 ? ["…"] : [])
      throw CommandError.wrongArgument(
        "--label is missing, expected one of \(names.joined(separator: ", "))")
    }
    let length = length ?? TextGenerator.standardMaximumLength
    let seed = chosenSeed()
    var lines = LineOutput()
    let count = count ?? 1
    var written = 0
    while written < count {
      // More texts begin with the same ones: each time twice as many are asked for, and those that
      // are new are written.
      let next = min(count, max(Self.textsAtOnce, 2 * written))
      let texts = try model.generate(
        label: label, count: next, sampling: sampling, seed: seed, maximumLength: length)
      for text in texts[written...] { try lines.write(line: Self.oneLine(text)) }
      try lines.flush()
      written = next
    }
  }

  /// Line ends and backslashes escaped.
  private static func oneLine(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0x5C }) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result.append(contentsOf: "\\\\".unicodeScalars)
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  // MARK: Options

  private func refuse(_ option: String, _ isSet: Bool, _ what: String) throws {
    guard isSet else { return }
    throw CommandError.wrongArgument("\(option) does not go with \(what), which '\(model)' holds")
  }

  private func chosenSeed() -> UInt64 {
    let chosen = seed ?? UInt64(UInt32.random(in: .min ... .max))
    if seed == nil && !greedy && StandardStreams.errorIsTerminal {
      StandardStreams.writeError("seed \(chosen)\n")
    }
    return chosen
  }

  private func checkedSampling() throws -> Sampling {
    if let length, length < 0 {
      throw CommandError.wrongArgument("length \(length): at least 0 is expected")
    }
    if let count, count < 0 {
      throw CommandError.wrongArgument("count \(count): at least 0 is expected")
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
