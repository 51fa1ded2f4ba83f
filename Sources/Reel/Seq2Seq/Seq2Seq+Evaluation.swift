import ReelSequence
import ReelTensor

/// How well a ``Seq2Seq`` model does, with greedy or beam decoding.
public struct Seq2SeqEvaluation: TaskEvaluation {
  /// Mean loss of a token of the right answers, in nats.
  public var loss: Double
  /// Share of the sources whose answer is not exactly right, 0…1.
  public var wordErrorRate: Double
  /// Insertions, deletions and substitutions that make the answers right, per token of the right
  /// ones.
  public var tokenErrorRate: Double
  /// Sources that were answered.
  public var sources: Int

  public init(loss: Double, wordErrorRate: Double, tokenErrorRate: Double, sources: Int) {
    self.loss = loss
    self.wordErrorRate = wordErrorRate
    self.tokenErrorRate = tokenErrorRate
    self.sources = sources
  }

  /// The share of exact answers; among equal ones the nearer to right count, then the lower loss.
  /// (A task may be solved on the held-out examples long before it is on all others.)
  public var score: Double {
    1 - wordErrorRate - 1e-3 * min(tokenErrorRate, 1) - 1e-6 * min(loss, 100)
  }

  public var figures: [(name: String, value: Double)] {
    [("word_error_rate", wordErrorRate), ("token_error_rate", tokenErrorRate), ("loss", loss)]
  }
}

extension Seq2Seq {
  public func evaluate(_ examples: [Example]) -> Seq2SeqEvaluation {
    evaluate(examples, TranslationOptions())
  }

  /// Loss, and errors of the best answers.
  ///
  /// A source that comes more than once, with several right answers, counts once: an answer is
  /// compared with the right one that it is nearest to, as is usual for pronunciations.
  public func evaluate(
    _ examples: [Example], _ options: TranslationOptions
  ) -> Seq2SeqEvaluation {
    var places: [[Int32]: Int] = [:]
    var sources: [[Int32]] = []
    var right: [[[Int32]]] = []
    for example in examples {
      if let place = places[example.source] {
        right[place].append(example.target)
      } else {
        places[example.source] = sources.count
        sources.append(example.source)
        right.append([example.target])
      }
    }
    let answers = translate(sources, options)
    var (wrong, edits, tokens) = (0, 0, 0)
    for (place, answer) in answers.enumerated() {
      let came = answer.first?.tokens ?? []
      var nearest: (distance: Int, length: Int)?
      for target in right[place] {
        let distance = EditDistance.between(came, target)
        if distance < nearest?.distance ?? .max { nearest = (distance, target.count) }
      }
      guard let nearest else { continue }
      wrong += nearest.distance == 0 ? 0 : 1
      edits += nearest.distance
      tokens += nearest.length
    }
    return Seq2SeqEvaluation(
      loss: meanLoss(of: examples), wordErrorRate: Double(wrong) / Double(max(sources.count, 1)),
      tokenErrorRate: Double(edits) / Double(max(tokens, 1)), sources: sources.count)
  }

  private func meanLoss(of examples: [Example]) -> Double {
    let order = examples.indices.sorted {
      (length(of: examples[$0]), $0) < (length(of: examples[$1]), $1)
    }
    var none: RandomGenerator?
    var (sum, count) = (0.0, 0)
    for start in stride(from: 0, to: order.count, by: 128) {
      let batch = order[start..<min(order.count, start + 128)].map { examples[$0] }
      let tokens = batch.reduce(0) { $0 + $1.target.count + 1 }
      let loss = network.loss(
        sources: batch.map(\.source), targets: batch.map(\.target), using: &none)
      sum += Double(loss.scalar) * Double(tokens)
      count += tokens
    }
    return sum / Double(max(count, 1))
  }
}
