import Foundation
import ReelTestSupport

/// Attention and the step of a decoder in Doubles, from their equations.
enum AttentionOracle {
  /// The rows of a matrix.
  static func rows(_ x: DoubleTensor, _ range: Range<Int>) -> [[Double]] {
    range.map { Array(x.values[$0 * x.columns..<($0 + 1) * x.columns]) }
  }

  static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// W·x.
  static func product(_ w: DoubleTensor, _ x: [Double]) -> [Double] {
    (0..<w.shape[0]).map { row in
      (0..<w.shape[1]).reduce(0) { $0 + w[[row, $1]] * x[$1] }
    }
  }

  /// - Parameters:
  ///   - parameters: of general W; of additive W_m, W_q, v.
  ///   - size: features of the memory.
  static func attention(
    _ kind: String, _ query: [Double], _ memory: [[Double]], _ parameters: [DoubleTensor],
    size: Int
  ) -> (context: [Double], weights: [Double]) {
    let scores = memory.map { vector -> Double in
      switch kind {
      case "dot": return dot(query, vector)
      case "general": return dot(query, product(parameters[0], vector))
      default:
        let sum = zip(product(parameters[0], vector), product(parameters[1], query))
        return dot(sum.map { tanh($0 + $1) }, parameters[2].values)
      }
    }
    let largest = scores.max() ?? 0
    let total = scores.reduce(0) { $0 + exp($1 - largest) }
    let weights = scores.map { exp($0 - largest) / total }
    var context = [Double](repeating: 0, count: size)
    for (weight, vector) in zip(weights, memory) {
      for index in context.indices { context[index] += weight * vector[index] }
    }
    return (context, weights)
  }
}
