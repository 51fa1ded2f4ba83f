import Foundation
import Reel

/// A committed file of tagged sentences.
func taggedSentences(_ name: String) throws -> [TaggedSentence] {
  try ConllReader(MappedFile(DocumentedCode.path("corpora/entities/\(name).txt"))).records()
}

/// A tagger that trains in no time.
func smallTagger(
  characters: Int = 8, usesCRF: Bool = true, cell: EncoderKind = .lstm, dropout: Float = 0.3,
  scheme: TagScheme = .iobes
) -> SequenceTaggerConfiguration {
  SequenceTaggerConfiguration(
    wordEmbeddingSize: 24, characterEmbeddingSize: 8, characterHiddenSize: characters,
    encoder: EncoderConfiguration(cell: cell, hiddenSize: 24), dropout: dropout, usesCRF: usesCRF,
    scheme: scheme)
}

func taggerSettings(epochs: Int, batch: Int = 8, seed: UInt64 = 3) -> TrainingSettings {
  var settings = TrainingSettings()
  settings.batch = batch
  settings.epochs = epochs
  settings.seed = seed
  settings.optimizer.learningRate = 0.01
  return settings
}

/// Trains a tagger; the sentences choose no best model.
func trained(
  _ sentences: [TaggedSentence], _ configuration: SequenceTaggerConfiguration = smallTagger(),
  epochs: Int, seed: UInt64 = 3
) throws -> SequenceTagger {
  let tagger = try SequenceTagger(training: sentences, configuration: configuration, seed: seed)
  var trainer = try Trainer(
    tagger, training: sentences.map { try tagger.example($0) },
    settings: taggerSettings(epochs: epochs, seed: seed))
  try trainer.train()
  return trainer.best
}

/// Sentences of a small grammar with names of two kinds.
func sampleSentences(_ count: Int, seed: UInt64 = 1) -> [TaggedSentence] {
  var generator = RandomGenerator(seed: seed)
  func pick(_ words: [String]) -> String { words[Int.random(in: words.indices, using: &generator)] }
  return (0..<count).map { number in
    var tokens: [String] = []
    var tags: [String] = []
    func add(_ words: String, _ label: String?) {
      for (index, word) in words.split(separator: " ").enumerated() {
        tokens.append(String(word))
        tags.append(label.map { (index == 0 ? "B-" : "I-") + $0 } ?? "O")
      }
    }
    add(pick(["Ida Holm", "Jon", "Vera de Moor"]), "PER")
    add(pick(["sails to", "writes from", "leaves"]), nil)
    add(pick(["Larvik", "New Oslo"]), "LOC")
    if Bool.random(using: &generator) { add("in \(1900 + number % 90)", nil) }
    add(".", nil)
    return TaggedSentence(tokens: tokens, tags: tags, line: 10 * number + 1)
  }
}
