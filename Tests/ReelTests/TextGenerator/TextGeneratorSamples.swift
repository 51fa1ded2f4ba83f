import Reel

/// Strings of two small grammars: "even" writes pairs, aa or bb, one to four of them; "steps" goes
/// up and down the letters c, d and e from c, two to six of them.
enum Grammar: String, CaseIterable {
  case even, steps

  func sample(_ generator: inout RandomGenerator) -> String {
    switch self {
    case .even:
      return (0..<Int.random(in: 1...4, using: &generator))
        .map { _ in Bool.random(using: &generator) ? "aa" : "bb" }.joined()
    case .steps:
      let letters = Array("cde")
      var place = 0
      var text = "c"
      for _ in 1..<Int.random(in: 2...6, using: &generator) {
        place = place == 0 ? 1 : place == 2 ? 1 : Bool.random(using: &generator) ? 0 : 2
        text.append(letters[place])
      }
      return text
    }
  }

  func accepts(_ text: String) -> Bool {
    let letters = Array(text.utf8)
    switch self {
    case .even:
      return (2...8).contains(letters.count) && letters.count % 2 == 0
        && stride(from: 0, to: letters.count, by: 2).allSatisfy {
          letters[$0] == letters[$0 + 1] && (97...98).contains(letters[$0])
        }
    case .steps:
      return (2...6).contains(letters.count) && letters[0] == 99
        && letters.allSatisfy { (99...101).contains($0) }
        && zip(letters, letters.dropFirst()).allSatisfy { abs(Int($0) - Int($1)) == 1 }
    }
  }

  static func texts(_ count: Int, seed: UInt64) -> [LabelledText] {
    var generator = RandomGenerator(seed: seed)
    return (0..<count).map { index in
      let grammar = allCases[index % 2]
      return LabelledText(
        text: grammar.sample(&generator), label: grammar.rawValue, line: index + 1)
    }
  }
}

/// A generator that trains in a second.
func smallGenerator(
  _ conditioning: TextConditioning = .both, cell: EncoderKind = .lstm, layers: Int = 1,
  tokens: TokenizerKind = .characters
) -> TextGeneratorConfiguration {
  TextGeneratorConfiguration(
    tokens: tokens, embeddingSize: 8, labelEmbeddingSize: 4, conditioning: conditioning,
    decoder: EncoderConfiguration(
      cell: cell, hiddenSize: 24, layers: layers, directions: .forward))
}

func trained(
  _ configuration: TextGeneratorConfiguration, texts: [LabelledText], epochs: Int,
  seed: UInt64 = 3
) throws -> TextGenerator {
  let model = try TextGenerator(texts: texts, configuration: configuration, seed: seed)
  var settings = TrainingSettings()
  settings.epochs = epochs
  settings.batch = 16
  settings.seed = seed
  settings.optimizer.learningRate = 0.02
  var trainer = try Trainer(model, training: texts.map(model.example), settings: settings)
  try trainer.train()
  return trainer.best
}
