import ReelSequence
import ReelTensor
import ReelText

/// A trained language model: text in, text out.
///
/// ```swift
/// let model = try LanguageModel(folder: "model")
/// print(try model.generate(prompt: "The ", length: 200, seed: 1))
/// ```
///
/// A value: many tasks may share one.
public struct LanguageModel: Sendable {
  public let configuration: LanguageModelConfiguration
  public let tokenizer: any Tokenizer
  public var network: LanguageModelNetwork

  /// A model with weights drawn from `generator`.
  ///
  /// - Throws: `ConfigurationError` for a setting out of range.
  public init(
    _ configuration: LanguageModelConfiguration, tokenizer: any Tokenizer,
    using generator: inout RandomGenerator
  ) throws {
    try configuration.validate()
    self.configuration = configuration
    self.tokenizer = tokenizer
    network = LanguageModelNetwork(
      configuration, vocabularySize: tokenizer.vocabularySize, using: &generator)
  }
}
