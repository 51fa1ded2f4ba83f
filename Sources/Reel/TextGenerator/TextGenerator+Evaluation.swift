import Foundation
import ReelLayers
import ReelTensor
import ReelText

/// How well a text generator predicts texts it has not seen.
public struct TextGeneratorEvaluation: TaskEvaluation {
  /// The part of one label.
  public struct OfLabel: Codable, Sendable, Equatable {
    public let label: String
    public let texts: Int
    /// Tokens that were predicted, the mark at the end of each text included.
    public let tokens: Int
    /// Mean negative log-likelihood of a token, in nats; 0 where there is none.
    public let loss: Double

    /// exp(loss): the number of equally likely tokens the model is as unsure as.
    public var perplexity: Double { exp(loss) }
  }

  public let texts: Int
  /// Tokens that were predicted, the mark at the end of each text included.
  public let tokens: Int
  /// Mean negative log-likelihood of a token, in nats.
  public let loss: Double
  /// For each label of the model, in order; empty for a model without labels.
  public let labels: [OfLabel]

  /// exp(loss).
  public var perplexity: Double { exp(loss) }
  public var score: Double { -loss }
  public var figures: [(name: String, value: Double)] {
    [("loss", loss), ("perplexity", perplexity)]
  }
}

/// How often a generator knows the label of a text, by Bayes' rule.
public struct LabelRecovery: Codable, Sendable, Equatable {
  /// Texts of each label.
  public let texts: [Int]
  /// How many of them have their own label as the most likely one.
  public let correct: [Int]

  /// The share of all texts whose label was found.
  public var accuracy: Double {
    Double(correct.reduce(0, +)) / Double(max(texts.reduce(0, +), 1))
  }

  /// The mean over the labels that have texts of the share that was found.
  public var balancedAccuracy: Double {
    let shares = zip(correct, texts).filter { $1 > 0 }.map { Double($0) / Double($1) }
    return shares.reduce(0, +) / Double(max(shares.count, 1))
  }
}

extension TextGenerator {
  /// Steps that are read at a time: their scores take at most about 8 MB, or 256 steps.
  private var stepsOfABatch: Int {
    min(16_384, max(256, (1 << 21) / (tokenizer.vocabularySize + 1)))
  }

  /// Predicts every token of every text from those before it, and its end.
  public func evaluate(_ examples: [Example]) -> TextGeneratorEvaluation {
    let scores = logLikelihoods(examples)
    var total = 0.0
    var tokens = 0
    var parts = labels.names.map { _ in (texts: 0, tokens: 0, loss: 0.0) }
    for (example, score) in zip(examples, scores) {
      total -= score
      tokens += length(of: example)
      let label = Int(example.condition.label)
      guard label >= 0 else { continue }
      parts[label].texts += 1
      parts[label].tokens += length(of: example)
      parts[label].loss -= score
    }
    return TextGeneratorEvaluation(
      texts: examples.count, tokens: tokens, loss: total / Double(max(tokens, 1)),
      labels: zip(labels.names, parts).map { name, part in
        .init(
          label: name, texts: part.texts, tokens: part.tokens,
          loss: part.loss / Double(max(part.tokens, 1)))
      })
  }

  /// log p(text | condition) of each, in nats.
  public func logLikelihoods(_ examples: [Example]) -> [Double] {
    // Texts of nearly the same length together: the steps of a batch are long rows.
    let order = examples.indices.sorted {
      (examples[$0].ids.count, $0) < (examples[$1].ids.count, $1)
    }
    var result = [Double](repeating: 0, count: examples.count)
    var start = 0
    while start < order.count {
      var end = start
      var steps = 0
      while end < order.count, end == start || steps < stepsOfABatch {
        steps += length(of: examples[order[end]])
        end += 1
      }
      let batch = order[start..<end]
      for (index, score) in zip(batch, network.logLikelihoods(batch.map { examples[$0] })) {
        result[index] = score
      }
      start = end
    }
    return result
  }

  /// How likely each label is for a text, by Bayes' rule:
  /// p(label | text) ∝ p(text | label) · p(label), with p(label) the label's share of the training
  /// texts.
  ///
  /// - Throws: `TextError` for a model without labels, or a vector of another size.
  public func labelProbabilities(
    of text: String, vector: [Float] = []
  ) throws -> [(label: String, probability: Double)] {
    guard let first = labels.names.first else {
      throw TextError("this generator knows no labels, so it cannot tell which a text has")
    }
    let condition = try condition(label: first, vector: vector)
    let example = Example(ids: tokenizer.encode(text), condition: condition)
    return zip(labels.names, labelProbabilities(of: [example])[0]).map { ($0, $1) }
  }

  /// How often the most likely label of a text, by ``labelProbabilities(of:vector:)``, is its own.
  /// Of equally likely labels the first counts.
  public func labelRecovery(_ examples: [Example]) -> LabelRecovery {
    var texts = [Int](repeating: 0, count: labels.count)
    var correct = texts
    guard labels.count > 0 else { return LabelRecovery(texts: texts, correct: correct) }
    for (example, probabilities) in zip(examples, labelProbabilities(of: examples)) {
      let label = Int(example.condition.label)
      texts[label] += 1
      let best = probabilities.indices.max { probabilities[$0] < probabilities[$1] }
      if best == label { correct[label] += 1 }
    }
    return LabelRecovery(texts: texts, correct: correct)
  }

  /// p(label | text) of each text, whatever label it has.
  private func labelProbabilities(of examples: [Example]) -> [[Double]] {
    let scores = labels.names.indices.map { label in
      logLikelihoods(
        examples.map { example in
          let condition = TextGeneratorCondition(
            label: Int32(label), vector: example.condition.vector)
          return Example(ids: example.ids, condition: condition)
        })
    }
    let priors = configuration.labelCounts.map { log(Double($0)) }
    return examples.indices.map { index in
      let joint = priors.indices.map { scores[$0][index] + priors[$0] }
      let largest = joint.max() ?? 0
      let weights = joint.map { exp($0 - largest) }
      let total = weights.reduce(0, +)
      return weights.map { $0 / total }
    }
  }
}

extension TextGeneratorNetwork {
  /// log p(text | condition) of each, in nats, without dropout.
  fileprivate func logLikelihoods(_ examples: [TextGenerator.Example]) -> [Double] {
    let (tokens, targets) = shifted(examples)
    var none: RandomGenerator?
    let logits = self(tokens, examples.map(\.condition), using: &none)
    let layout = logits.layout
    let classes = logits.featureCount
    var result = [Double](repeating: 0, count: examples.count)
    logits.values.detached().logSoftmax().withUnsafeValues { scores in
      for time in 0..<layout.longest {
        for place in 0..<layout.active[time] {
          let row = layout.offsets[time] + place
          result[layout.order[place]] += Double(scores[row * classes + Int(targets.ids[row])])
        }
      }
    }
    return result
  }
}
