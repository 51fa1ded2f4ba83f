import Foundation
import Reel

/// Sentences of a small grammar: text with something to learn and something that stays open.
func sampleText(_ sentences: Int, seed: UInt64 = 1) -> [UInt8] {
  var generator = RandomGenerator(seed: seed)
  func word(_ words: [String]) -> String {
    words[Int.random(in: words.indices, using: &generator)]
  }
  var text = ""
  for _ in 0..<sentences {
    text += "The \(word(["miller", "ferryman", "clerk"])) \(word(["sees", "hears", "follows"])) "
    text += "the \(word(["river", "heron", "bell", "lantern"])).\n"
  }
  return Array(text.utf8)
}

/// A model and settings that train in milliseconds.
func smallModel(
  _ cell: EncoderKind = .lstm, tokens: TokenizerKind = .characters, embedding: Int = 6,
  dropout: Float = 0
) -> LanguageModelConfiguration {
  LanguageModelConfiguration(
    tokens: tokens, cell: cell, hiddenSize: 20, layers: 2, embeddingSize: embedding,
    dropout: dropout, recurrentDropout: cell == .tcn ? 0 : dropout)
}

func smallSettings(epochs: Int = 3, seed: UInt64 = 5) -> LanguageModelTraining {
  var settings = LanguageModelTraining()
  settings.batch = 4
  settings.window = 16
  settings.epochs = epochs
  settings.seed = seed
  settings.optimizer.learningRate = 0.01
  settings.schedule = .constant
  return settings
}

/// The bits of every parameter.
func bits(_ model: LanguageModel) -> [[UInt32]] {
  model.network.parameters.map { $0.tensor.values.map(\.bitPattern) }
}

/// The description of what `body` throws; nil when it throws nothing.
func errorText(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
