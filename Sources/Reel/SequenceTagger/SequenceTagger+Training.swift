import ReelLayers
import ReelSequence
import ReelTensor
import ReelText

/// A tagged sentence, turned into ids.
public struct SequenceTaggerExample: Sendable {
  var tokens: [TokenForm]
  /// Inside the model.
  var tags: [Int32]
  /// As they came.
  var gold: [String]
}

extension SequenceTagger: TrainableModel {
  public typealias Example = SequenceTaggerExample
  public typealias Evaluation = SequenceTaggerEvaluation

  /// A sentence to learn from or to be evaluated on.
  ///
  /// - Throws: `TextError` where a tag never came in training, there are no tags, or they break
  ///   every scheme; the sentence's line is named where it has one.
  public func example(_ sentence: TaggedSentence) throws -> SequenceTaggerExample {
    SequenceTaggerExample(
      tokens: sentence.tokens.map { forms($0) }, tags: try codec.ids(of: sentence),
      gold: sentence.tags)
  }

  public func length(of example: SequenceTaggerExample) -> Int { example.tokens.count }

  /// The mean loss of a batch: over sentences of −log p(tags) with a conditional random field (label
  /// smoothing does not apply), else over tokens of the cross-entropy, in nats.
  public func loss(
    _ network: SequenceTaggerNetwork, _ batch: [SequenceTaggerExample],
    _ context: inout LossContext
  ) -> Tensor {
    let input = FormBatch(batch.map(\.tokens))
    let words = wordsWithRareOnesDropped(input, using: &context.generator)
    let emissions = network.emissions(input, tokenWords: words, using: &context.generator)
    return network.loss(
      emissions, TokenSequences(batch.map(\.tags)), smoothing: context.labelSmoothing)
  }

  /// The word of each token; with a generator, rare ones become unknown with the configured
  /// probability.
  private func wordsWithRareOnesDropped(
    _ batch: FormBatch, using generator: inout RandomGenerator?
  ) -> [Int32] {
    let words = batch.tokens.ids.map { batch.forms[Int($0)].word }
    let (probability, rare) = (configuration.wordDropout, configuration.rareCount)
    guard probability > 0, rare > 0, var random = generator, let unknown = self.words.unknownID
    else { return words }
    defer { generator = random }
    let counts = self.words.counts
    return words.map { word in
      guard counts[Int(word)] <= rare else { return word }
      return random.uniform() < probability ? unknown : word
    }
  }

  /// Loss, token accuracy, and precision, recall and F1 of spans.
  public func evaluate(_ examples: [SequenceTaggerExample]) -> SequenceTaggerEvaluation {
    var scores = SpanScores()
    var (loss, sentences, tokens, right) = (0.0, 0, 0, 0)
    var predictions = [[Int32]](repeating: [], count: examples.count)
    for batch in Self.batches(lengths: examples.map(\.tokens.count)) {
      let examples = batch.map { examples[$0] }
      let input = FormBatch(examples.map(\.tokens))
      let emissions = network.emissions(
        input.tokens, features: network.features(of: input.forms))
      let mean = network.loss(
        emissions, TokenSequences(examples.map(\.tags)), smoothing: 0)
      // What the mean was taken over.
      let count = examples.reduce(0) { sum, example in
        sum + (network.crf == nil ? example.tokens.count : example.tokens.isEmpty ? 0 : 1)
      }
      loss += Double(mean.scalar) * Double(count)
      sentences += count
      for (index, tags) in zip(batch, network.decode(emissions)) { predictions[index] = tags }
    }
    for (example, prediction) in zip(examples, predictions) {
      let tags = codec.tags(of: prediction)
      tokens += tags.count
      for (gold, tag) in zip(example.gold, tags) where gold.utf8.elementsEqual(tag.utf8) {
        right += 1
      }
      if codec.schemes != nil { scores.add(gold: example.gold, predicted: tags) }
    }
    return SequenceTaggerEvaluation(
      loss: sentences == 0 ? 0 : loss / Double(sentences), sentences: examples.count,
      tokens: tokens, correctTokens: right, spans: codec.schemes == nil ? nil : scores)
  }
}
