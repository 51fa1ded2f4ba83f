import ArgumentParser
import Foundation
import Reel

/// `reel train tokenizer`: from text files to a tokenizer.json.
struct TrainTokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Make the vocabulary of a tokenizer from texts, and save it as a tokenizer.json.",
    discussion: """
      bpe merges pairs of characters by frequency, byte-bpe pairs of bytes as GPT-2 does, wordpiece \
      is BERT's, unigram SentencePiece's. words, whitespace and graphemes have one token for each \
      word, each stretch without white space, each character as people count them; characters one \
      for each Unicode scalar. The same texts and options give the same file.

      The file is written whole once the tokens are chosen: Ctrl-C before leaves nothing, or the \
      file that was there, and exits with code 130.
      """)

  @Option(help: ArgumentHelp("What a token is.", valueName: "kind"))
  var kind: TokenizerKind

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Tokens of the vocabulary at most, special ones included.", valueName: "n"))
  var vocabulary: Int = 16_000

  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("The texts to train on.", valueName: "file"))
  var corpus: [String]

  @Option(help: ArgumentHelp("The tokenizer.json to write.", valueName: "file"))
  var output: String

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      What comes less often becomes no token (default: 2 for bpe, byte-bpe and wordpiece, else 1; \
      unigram has none).
      """, valueName: "n"))
  var minimumFrequency: Int?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      """
      Tokens that stand for no text, with the first ids (default: those that the kind is used \
      with, for example [CLS]); what the kind needs is added.
      """, valueName: "token"))
  var specialTokens: [String] = []

  @OptionGroup(title: "Normalization") var normalization: NormalizationOptions

  @Flag(help: "Replace the file that is there.")
  var overwrite = false

  @Flag(help: "End with one line of JSON on standard output.")
  var json = false

  func run() throws {
    try checkArguments()
    try checkOutput()
    StopSignal.install()
    let start = ContinuousClock.now
    let progress = TokenizerTrainingProgress(kind: kind.rawValue, files: corpus)
    let tokenizer: any Tokenizer
    do {
      tokenizer = try trained(progress)
      try TokenizerFile.write(tokenizer, to: output)
    } catch is TokenizerTrainingProgress.Stopped {
      progress.abandon()
      StandardStreams.writeError("Stopped; nothing was written.\n")
      throw ExitCode(130)
    } catch {
      progress.abandon()
      throw error
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    do {
      let result = try TokenizerTrainingResult(
        tokenizer, kind: kind.rawValue, corpus: corpus, output: output, seconds: seconds,
        progress)
      if json { try JSONOutput.write(result) } else { try StandardStreams.write(result.summary) }
    } catch is TokenizerTrainingProgress.Stopped {
      progress.abandon()
      StandardStreams.writeError("Stopped; '\(output)' is written and whole.\n")
      throw ExitCode(130)
    } catch is StandardStreams.ClosedPipe {
      // The tokenizer is saved: a reader that has gone is no failure.
    }
  }

  private func trained(_ progress: TokenizerTrainingProgress) throws -> any Tokenizer {
    guard kind != .characters else {
      return try CharacterTraining(vocabulary: vocabulary, minimumCount: minimumFrequency ?? 1)
        .tokenizer(of: corpus, progress)
    }
    // The texts are read while the bar shows it, and the tokens are chosen while another does.
    var trainer = try TokenizerTrainer(training)
    for file in corpus { try trainer.addFile(file) { try progress.report($0) } }
    return try trainer.finish { try progress.report($0) }
  }

  private var training: TokenizerTraining {
    var training = TokenizerTraining(kind, vocabularySize: vocabulary)
    if let minimumFrequency { training.minimumFrequency = minimumFrequency }
    if !specialTokens.isEmpty { training.specialTokens = specialTokens }
    training.normalizer = normalization.applied(to: training.normalizer)
    return training
  }

  private func checkArguments() throws {
    guard vocabulary >= 1 && vocabulary <= 10_000_000 else {
      throw CommandError.wrongArgument(
        "vocabulary \(vocabulary): a number from 1 to 10,000,000 is expected")
    }
    if let minimumFrequency, minimumFrequency < 1 {
      throw CommandError.wrongArgument(
        "minimum-frequency \(minimumFrequency): at least 1 is expected")
    }
    if kind == .unigram && minimumFrequency != nil {
      throw CommandError.wrongArgument(
        "--minimum-frequency does not go with --kind unigram, which chooses by likelihood")
    }
    if kind == .bytes {
      throw CommandError.wrongArgument(
        "--kind bytes has its 256 tokens without training: '--tokenizer bytes' names it")
    }
    if kind == .characters && (normalization.isGiven || !specialTokens.isEmpty) {
      throw CommandError.wrongArgument(
        "--kind characters takes the text as it is, without normalization or special tokens")
    }
    guard kind != .characters else { return }
    try CommandError.checkingArguments { _ = try TokenizerTrainer(training) }
  }

  /// That the file cannot be written must not come out after a long training.
  private func checkOutput() throws {
    if FileManager.default.fileExists(atPath: output) {
      guard overwrite else {
        throw CommandError(
          "the output '\(output)' is there already: add --overwrite to replace it, or name another "
            + "file")
      }
    }
    let folder = (output as NSString).deletingLastPathComponent
    guard access(folder.isEmpty ? "." : folder, W_OK | X_OK) == 0 else {
      throw CommandError("cannot write '\(output)': \(String(cString: strerror(errno)))")
    }
  }
}
