import ArgumentParser
import Foundation
import Reel

/// `reel evaluate`: how well a model predicts a text.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measure how well a language model predicts a text.",
    discussion: "Every token but the first is predicted from all before it.")

  @Option(help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var model: String

  @Option(help: ArgumentHelp("The text to predict.", valueName: "file"))
  var corpus: String

  @OptionGroup(title: "Machine") var threads: ThreadOptions

  @Flag(help: "End with one line of JSON on standard output.")
  var json = false

  /// What `--json` prints.
  private struct Result: Encodable {
    /// Mean negative log-likelihood in nats for each token.
    let loss: JSONNumber
    let bitsPerToken: JSONNumber
    /// Of the whole text, whatever its tokens are.
    let bitsPerByte: JSONNumber
    let perplexity: JSONNumber
    /// Tokens that were predicted.
    let tokens: Int
    /// Tokens of the text that the model does not know.
    let unknownTokens: Int
    let seconds: Double
    let model: String
  }

  func run() throws {
    try threads.run {
      let model = try LanguageModel(folder: model)
      let tokens = model.configuration.tokens
      let bytes = try readCorpus(corpus, for: tokens, suggestsBytes: false)
      let start = ContinuousClock.now
      let evaluation = try model.evaluate(bytes)
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      let bitsPerByte =
        evaluation.bitsPerToken * Double(evaluation.tokens) / Double(bytes.count)
      let unknown = try unknownCount(in: bytes, model.tokenizer)
      let result = Result(
        loss: JSONNumber(evaluation.loss), bitsPerToken: JSONNumber(evaluation.bitsPerToken),
        bitsPerByte: JSONNumber(bitsPerByte), perplexity: JSONNumber(evaluation.perplexity),
        tokens: evaluation.tokens,
        unknownTokens: unknown, seconds: seconds, model: self.model)
      if unknown > 0 {
        let share = TextFormat.fixed(100 * Double(unknown) / Double(evaluation.tokens + 1), 2)
        StandardStreams.writeError(
          "Warning: \(TextFormat.grouped(unknown)) \(tokens.units) of the corpus (\(share) %) are unknown "
            + "to the model\n")
      }
      do {
        if json {
          try JSONOutput.write(result)
        } else {
          try print(evaluation, bitsPerByte, seconds, tokens)
        }
      } catch is StandardStreams.ClosedPipe {}
    }
  }

  private func unknownCount(in bytes: [UInt8], _ tokenizer: any Tokenizer) throws -> Int {
    guard let unknown = tokenizer.unknownID else { return 0 }
    return try tokenizer.encode(bytes).reduce(0) { $0 + ($1 == unknown ? 1 : 0) }
  }

  private func print(
    _ evaluation: LanguageModelEvaluation, _ bitsPerByte: Double, _ seconds: Double,
    _ tokens: TokenizerKind
  ) throws {
    // Models with other tokens compare by what a byte costs.
    let forByte = tokens.unit == "token" ? " (\(TextFormat.fixed(bitsPerByte, 3)) per byte)" : ""
    try StandardStreams.write(
      """
      loss \(TextFormat.fixed(evaluation.loss, 4)) nats, \
      \(TextFormat.fixed(evaluation.bitsPerToken, 3)) bits per \(tokens.unit)\(forByte), perplexity \
      \(TextFormat.fixed(evaluation.perplexity, 2))
      \(TextFormat.grouped(evaluation.tokens)) \(tokens.units) predicted in \
      \(TextFormat.fixed(seconds, 1)) s

      """)
  }
}
