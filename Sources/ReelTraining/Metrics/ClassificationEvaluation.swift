import Foundation

/// How well a classifier does on labelled examples.
public struct ClassificationEvaluation: Codable, Sendable, Equatable {
  /// How well it does on one label.
  public struct Label: Codable, Sendable, Equatable {
    public let label: String
    /// Examples that have it.
    public let count: Int
    public let precision: Double
    public let recall: Double
    public let f1: Double
  }

  /// Mean −log p of the right label, in nats; 0 without examples.
  public let loss: Double
  /// Which label was answered with which.
  public let confusion: ConfusionMatrix

  public init(loss: Double, confusion: ConfusionMatrix) {
    self.loss = loss
    self.confusion = confusion
  }

  /// The measures of answers given as probabilities.
  ///
  /// - Parameters:
  ///   - probabilities: of each label, for each example; the largest (the first, if equal) is the
  ///     answer.
  ///   - gold: the number of each example's label.
  public init(labels: [String], probabilities: [[Float]], gold: [Int]) {
    precondition(
      probabilities.count == gold.count,
      "ClassificationEvaluation: \(probabilities.count) answers for \(gold.count) examples")
    var confusion = ConfusionMatrix(labels: labels)
    var loss = RunningMean()
    for (row, gold) in zip(probabilities, gold) {
      var best = 0
      for index in row.indices where row[index] > row[best] { best = index }
      confusion.add(gold: gold, predicted: best)
      // A probability that Float rounds to 0 must not make the mean infinite.
      loss.add(-log(max(Double(row[gold]), 1e-45)))
    }
    self.init(loss: loss.mean ?? 0, confusion: confusion)
  }

  /// The number of examples.
  public var count: Int { confusion.total }
  public var accuracy: Double { confusion.accuracy }
  /// 1 − accuracy.
  public var errorRate: Double { confusion.errorRate }
  public var balancedErrorRate: Double { confusion.balancedErrorRate }
  public var macroF1: Double { confusion.macroF1 }

  /// Every label in order, also those without examples.
  public var perLabel: [Label] {
    confusion.labels.enumerated().map { index, label in
      Label(
        label: label, count: confusion.goldCount(index), precision: confusion.precision(index),
        recall: confusion.recall(index), f1: confusion.f1(index))
    }
  }

  /// The part of examples whose label is among the k most probable ones. Of equally probable labels
  /// the first ones count.
  public static func topAccuracy(_ k: Int, probabilities: [[Float]], gold: [Int]) -> Double {
    var hits = 0
    for (row, gold) in zip(probabilities, gold) {
      var before = 0
      for index in row.indices
      where row[index] > row[gold] || (row[index] == row[gold] && index < gold) {
        before += 1
      }
      if before < k { hits += 1 }
    }
    return gold.isEmpty ? 0 : Double(hits) / Double(gold.count)
  }
}
