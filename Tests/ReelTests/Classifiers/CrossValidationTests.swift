import Foundation
import Reel
import Testing

@Suite struct CrossValidationTests {
  private var settings: TrainingSettings {
    var settings = TrainingSettings()
    settings.batch = 16
    settings.epochs = 20
    settings.optimizer = OptimizerConfiguration(.adamw, learningRate: 1e-2)
    return settings
  }

  private var configuration: TextClassifierConfiguration {
    TextClassifierConfiguration(
      embeddingSize: 16, encoder: EncoderConfiguration(cell: .gru, hiddenSize: 16), pooling: .max,
      dropout: 0.1)
  }

  @Test func everyTextOnce() throws {
    let texts = try Array(corpus("agreement/train.tsv").prefix(400))
    var seen: [Int] = []
    let result = try TextClassifier.crossValidate(
      texts, k: 4, configuration: configuration, settings: settings, seed: 2
    ) { fold, model, evaluation in
      seen.append(fold)
      #expect(model.labels.names == ["plural", "singular"])
      #expect(evaluation.count == 100)
    }
    #expect(seen == [0, 1, 2, 3])
    let confusion = try #require(result.confusion)
    #expect(confusion.total == 400)
    for (index, label) in confusion.labels.enumerated() {
      #expect(confusion.goldCount(index) == texts.filter { $0.label == label }.count)
    }
    // Folds of one size: the mean of their accuracies is that of all.
    #expect(abs(result.accuracy - confusion.accuracy) < 1e-12)
    #expect(result.accuracy > 0.6)  // chance is 0.5, four deviations below
    // The same seed gives the same folds and models, another one others.
    let again = try TextClassifier.crossValidate(
      texts, k: 4, configuration: configuration, settings: settings, seed: 2)
    #expect(again == result)
    let other = try TextClassifier.crossValidate(
      texts, k: 4, heldOut: 0, configuration: configuration, settings: settings, seed: 3)
    #expect(other != result && other.confusion?.total == 400)
  }

  @Test func deviation() {
    func evaluation(_ right: Int, of total: Int) -> ClassificationEvaluation {
      var confusion = ConfusionMatrix(labels: ["a", "b"])
      for index in 0..<total { confusion.add(gold: 0, predicted: index < right ? 0 : 1) }
      return ClassificationEvaluation(loss: 0, confusion: confusion)
    }
    let folds = [evaluation(1, of: 4), evaluation(2, of: 4), evaluation(3, of: 4)]
    let result = CrossValidation(folds: folds)
    #expect(result.accuracy == 0.5)
    #expect(abs(result.deviation - 0.25) < 1e-15)
    #expect(CrossValidation(folds: [folds[0]]).deviation == 0)
  }

  @Test func badInput() {
    #expect(
      errorText { _ = try TextClassifier.crossValidate(fewTexts, k: 1) }
        == "folds 1: a number from 2 to 5 is expected")
    #expect(
      errorText { _ = try TextClassifier.crossValidate(fewTexts, k: 2, heldOut: 1) }
        == "held-out part 1.0: a number of at least 0 and below 1 is expected")
    #expect(
      errorText { _ = try TextClassifier.crossValidate([], k: 2) }
        == "the training set is empty: at least 1 labelled text is expected")
  }
}
