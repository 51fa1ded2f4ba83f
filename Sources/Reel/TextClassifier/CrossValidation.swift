import Foundation
import ReelTensor
import ReelText
import ReelTraining

/// What k trainings said, each about the texts that it had not seen.
public struct CrossValidation: Codable, Sendable, Equatable {
  /// The evaluation of each fold.
  public let folds: [ClassificationEvaluation]

  public init(folds: [ClassificationEvaluation]) { self.folds = folds }

  /// The mean of the folds' accuracies.
  public var accuracy: Double {
    folds.reduce(0) { $0 + $1.accuracy } / Double(max(folds.count, 1))
  }

  /// The standard deviation of the folds' accuracies, divided by k − 1; 0 with a single fold.
  public var deviation: Double {
    let squares = folds.reduce(0) { $0 + ($1.accuracy - accuracy) * ($1.accuracy - accuracy) }
    return (squares / Double(max(folds.count - 1, 1))).squareRoot()
  }

  /// The confusions of all folds added up: every text of the set counts once.
  public var confusion: ConfusionMatrix? {
    guard var sum = folds.first?.confusion else { return nil }
    for fold in folds.dropFirst() { sum.add(fold.confusion) }
    return sum
  }
}

extension TextClassifier {
  /// Trains k models, each on all folds but one, and evaluates each on the fold that it has not
  /// seen.
  ///
  /// Folds have the labels in equal parts. Of what a model is trained on, a part is held out to
  /// choose the epoch; neither its words nor those of the fold are in the vocabulary.
  ///
  /// - Parameters:
  ///   - k: folds, from 2 to the number of texts.
  ///   - heldOut: the part of the other folds' texts that chooses the best epoch; 0: the last epoch
  ///     is taken.
  ///   - settings: of each training; the seed is not used.
  ///   - seed: of the folds, the weights and everything else that is random.
  ///   - observe: called after each fold with its number, from 0, its model and the evaluation.
  public static func crossValidate(
    _ texts: [LabelledText], k: Int = 10, heldOut: Double = 0.1,
    configuration: TextClassifierConfiguration = TextClassifierConfiguration(),
    settings: TrainingSettings = TrainingSettings(), seed: UInt64 = 0,
    observe: (Int, TextClassifier, ClassificationEvaluation) throws -> Void = { _, _, _ in }
  ) throws -> CrossValidation {
    try ConfigurationError.check("folds", k, in: 2...max(2, texts.count))
    try ConfigurationError.check(
      "held-out part", heldOut, "a number of at least 0 and below 1"
    ) { $0 >= 0 && $0 < 1 }
    let labels = try LabelSet.labels(
      of: texts.map(\.label), given: configuration.labels, what: "text")
    let classes = try texts.map { Int(try LabelSet.index($0.label, line: $0.line, of: labels)) }
    // Also a fold whose training part lacks a label knows all.
    var configuration = configuration
    configuration.labels = labels.names

    var generator = RandomGenerator(seed: seed)
    var evaluations: [ClassificationEvaluation] = []
    for fold in Splits.folds(classes: classes, k: k, using: &generator) {
      let parts = Splits.parts(
        classes: fold.training.map { classes[$0] }, fractions: [1 - heldOut, heldOut],
        using: &generator
      ).map { $0.map { texts[fold.training[$0]] } }
      var settings = settings
      settings.seed = generator.next()
      let model = try TextClassifier(
        texts: parts[0], configuration: configuration, seed: generator.next())
      var trainer = try Trainer(
        model, training: parts[0].map(model.example), validation: parts[1].map(model.example),
        settings: settings)
      try trainer.train()
      let best = trainer.best
      let evaluation = best.evaluate(try fold.validation.map { try model.example(texts[$0]) })
      evaluations.append(evaluation)
      try observe(evaluations.count - 1, best, evaluation)
    }
    return CrossValidation(folds: evaluations)
  }
}
