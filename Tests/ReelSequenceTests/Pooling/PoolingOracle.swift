import Foundation
import ReelTestSupport

/// Poolings of a padded batch [batch, time, feature] as loops over Doubles, from the equations.
enum PoolingOracle {
  /// One row for each sequence: `pool` gets its own steps, and zeros stand for an empty one.
  static func rows(
    _ x: DoubleTensor, _ lengths: [Int], _ pool: ([[Double]]) -> [Double]
  ) -> DoubleTensor {
    let features = x.shape[2]
    var values: [Double] = []
    for (row, length) in lengths.enumerated() {
      let steps = (0..<length).map { time in (0..<features).map { x[[row, time, $0]] } }
      values += length == 0 ? [Double](repeating: 0, count: features) : pool(steps)
    }
    return DoubleTensor([lengths.count, features], values)
  }

  static func mean(_ x: DoubleTensor, _ lengths: [Int]) -> DoubleTensor {
    rows(x, lengths) { steps in
      steps[0].indices.map { j in steps.reduce(0) { $0 + $1[j] } / Double(steps.count) }
    }
  }

  static func max(_ x: DoubleTensor, _ lengths: [Int]) -> DoubleTensor {
    rows(x, lengths) { steps in
      steps[0].indices.map { j in steps.map { $0[j] }.max() ?? 0 }
    }
  }

  /// Features before `forward` from the last step, the others from the first.
  static func finalStates(_ x: DoubleTensor, _ lengths: [Int], forward: Int) -> DoubleTensor {
    rows(x, lengths) { steps in
      steps[0].indices.map { $0 < forward ? steps[steps.count - 1][$0] : steps[0][$0] }
    }
  }

  /// The weight of each step: softmax of the scores.
  static func softmax(_ scores: [Double]) -> [Double] {
    let sum = scores.reduce(0) { $0 + exp($1) }
    return scores.map { exp($0) / sum }
  }

  static func weightedMean(_ steps: [[Double]], _ weights: [Double]) -> [Double] {
    steps[0].indices.map { j in zip(steps, weights).reduce(0) { $0 + $1.0[j] * $1.1 } }
  }

  /// a_t = q·x_t.
  static func dotAttention(
    _ x: DoubleTensor, _ lengths: [Int], query: DoubleTensor
  ) -> DoubleTensor {
    rows(x, lengths) { steps in
      let scores = steps.map { step in zip(step, query.values).reduce(0) { $0 + $1.0 * $1.1 } }
      return weightedMean(steps, softmax(scores))
    }
  }

  /// a_t = q·tanh(W·x_t + b).
  static func additiveWeights(
    _ steps: [[Double]], weight: DoubleTensor, bias: DoubleTensor, query: DoubleTensor
  ) -> [Double] {
    softmax(
      steps.map { step in
        query.values.indices.reduce(0) { sum, unit in
          let projected = step.indices.reduce(bias.values[unit]) {
            $0 + weight[[unit, $1]] * step[$1]
          }
          return sum + query.values[unit] * tanh(projected)
        }
      })
  }
}
