import ReelLayers
import ReelSequence
import ReelTensor
import ReelText

/// A tagged sentence, turned into ids.
public struct SequenceTaggerExample: Sendable {
  var tokens: [TokenForm]
  /// Inside the model.
  var tags: [Int32]
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
      tokens: sentence.tokens.map { forms($0) }, tags: try codec.ids(of: sentence))
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
    // A mean over sentences or over tokens; see `loss`.
    func terms(_ example: SequenceTaggerExample) -> Int {
      network.crf == nil ? example.tokens.count : min(example.tokens.count, 1)
    }
    var (loss, total, tokens, right) = (0.0, 0, 0, 0)
    var scores = SpanScores()
    for batch in Self.batches(lengths: examples.map(\.tokens.count)) {
      let examples = batch.map { examples[$0] }
      let input = FormBatch(examples.map(\.tokens))
      let emissions = network.emissions(
        input.tokens, features: network.features(of: input.forms))
      let mean = network.loss(emissions, TokenSequences(examples.map(\.tags)), smoothing: 0)
      let count = examples.reduce(0) { $0 + terms($1) }
      loss += Double(mean.scalar) * Double(count)
      total += count
      for (example, prediction) in zip(examples, network.decode(emissions)) {
        let (gold, tags) = (codec.tags(of: example.tags), codec.tags(of: prediction))
        tokens += tags.count
        right += zip(gold, tags).count { $0.utf8.elementsEqual($1.utf8) }
        if let scheme = codec.schemes?.data {
          scores.add(gold: gold, predicted: tags, scheme: scheme)
        }
      }
    }
    return SequenceTaggerEvaluation(
      loss: total == 0 ? 0 : loss / Double(total), sentences: examples.count, tokens: tokens,
      correctTokens: right, spans: codec.schemes == nil ? nil : scores.total,
      perType: scores.types.map {
        SequenceTaggerEvaluation.LabelCounts(label: $0.type, counts: $0.counts)
      })
  }
}
