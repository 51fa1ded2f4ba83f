import Foundation
import ReelTraining
import Testing

@Suite struct ClassificationEvaluationTests {
  private let labels = ["a", "b", "c"]
  private let probabilities: [[Float]] = [
    [0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.25, 0.375, 0.375], [0, 0.5, 0.5],
  ]

  @Test func byHand() {
    let evaluation = ClassificationEvaluation(
      labels: labels, probabilities: probabilities, gold: [0, 0, 2, 1])
    #expect(evaluation.count == 4)
    #expect(evaluation.accuracy == 0.5)
    // Of equal probabilities the first is the answer.
    #expect(evaluation.confusion.counts == [[1, 1, 0], [0, 1, 0], [0, 1, 0]])
    let right: [Double] = [0.5, 0.25, 0.375, 0.5]
    let loss = -right.reduce(0) { $0 + log($1) } / 4
    #expect(abs(evaluation.loss - loss) < 1e-12)
    #expect(evaluation.perLabel.map(\.label) == labels)
    #expect(evaluation.perLabel.map(\.count) == [2, 1, 1])
    let precision: [Double] = [1, 1.0 / 3, 0]
    #expect(evaluation.perLabel.map(\.precision) == precision)
    #expect(evaluation.perLabel.map(\.recall) == [0.5, 1, 0])
  }

  @Test func impossibleLabelStaysFinite() {
    let evaluation = ClassificationEvaluation(
      labels: labels, probabilities: [[0, 0.5, 0.5]], gold: [0])
    #expect(evaluation.loss.isFinite && evaluation.loss > 50)
  }

  @Test func noExamples() {
    let evaluation = ClassificationEvaluation(labels: labels, probabilities: [], gold: [])
    #expect(evaluation.accuracy == 0 && evaluation.loss == 0)
  }

  @Test func top() {
    let gold = [0, 0, 2, 0]
    func top(_ k: Int) -> Double {
      ClassificationEvaluation.topAccuracy(k, probabilities: probabilities, gold: gold)
    }
    #expect(top(1) == 0.25)
    // Row 1: b, then a before c. Row 2: b before c. Row 3: a is last.
    #expect(top(2) == 0.75)
    #expect(top(3) == 1)
  }

  @Test func coding() throws {
    let evaluation = ClassificationEvaluation(
      labels: labels, probabilities: probabilities, gold: [0, 0, 2, 1])
    let data = try JSONEncoder().encode(evaluation)
    #expect(try JSONDecoder().decode(ClassificationEvaluation.self, from: data) == evaluation)
  }
}

@Suite struct RegressionEvaluationTests {
  /// scikit-learn's documentation of r2_score, mean_squared_error and mean_absolute_error.
  @Test func byHand() {
    let evaluation = RegressionEvaluation(predicted: [2.5, 0, 2, 8], gold: [3, -0.5, 2, 7])
    #expect(evaluation.count == 4)
    #expect(evaluation.meanSquaredError == 0.375)
    #expect(evaluation.meanAbsoluteError == 0.5)
    #expect(abs(evaluation.determination - 0.948_608_137_044_968) < 1e-12)
    #expect(evaluation.rootMeanSquaredError == 0.375.squareRoot())
  }

  @Test func meanIsZero() {
    #expect(RegressionEvaluation(predicted: [2, 2, 2], gold: [1, 2, 3]).determination == 0)
  }

  @Test func equalTargets() {
    #expect(RegressionEvaluation(predicted: [2, 2], gold: [2, 2]).determination == 1)
    #expect(RegressionEvaluation(predicted: [2, 3], gold: [2, 2]).determination == 0)
  }

  @Test func noExamples() {
    let evaluation = RegressionEvaluation(predicted: [], gold: [])
    #expect(evaluation.meanSquaredError == 0 && evaluation.determination == 1)
  }
}
