import Foundation

/// How well numbers are predicted.
public struct RegressionEvaluation: Codable, Sendable, Equatable {
  /// The number of examples.
  public let count: Int
  /// Mean (ŷ − y)²; 0 without examples.
  public let meanSquaredError: Double
  /// Mean |ŷ − y|; 0 without examples.
  public let meanAbsoluteError: Double
  /// 1 − Σ (ŷ − y)² / Σ (y − ȳ)², with ȳ the mean of y: 1 is perfect, 0 is what answering the mean
  /// gives. Where all y are equal it is 1 for perfect answers and 0 for others, as scikit-learn's
  /// `r2_score`.
  public let determination: Double

  public init(predicted: [Double], gold: [Double]) {
    precondition(
      predicted.count == gold.count,
      "RegressionEvaluation: \(predicted.count) answers for \(gold.count) examples")
    count = gold.count
    let n = Double(max(count, 1))
    let errors = zip(predicted, gold).map { $0 - $1 }
    let squared = errors.reduce(0) { $0 + $1 * $1 }
    meanSquaredError = squared / n
    meanAbsoluteError = errors.reduce(0) { $0 + abs($1) } / n
    let mean = gold.reduce(0, +) / n
    let variation = gold.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    determination = variation > 0 ? 1 - squared / variation : squared == 0 ? 1 : 0
  }

  /// √ of the mean squared error, in the units of y.
  public var rootMeanSquaredError: Double { meanSquaredError.squareRoot() }
}
