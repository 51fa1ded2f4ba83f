import ReelLayers
import ReelTensor
import ReelText
import ReelTraining

/// Trains a model on examples: batches of nearly equal length in random order, an evaluation after
/// every epoch, the best model kept, and a position that can be saved and taken up again.
///
/// ```swift
/// var trainer = try Trainer(model, training: training, validation: validation)
/// try trainer.train { trainer, event in
///   if case .evaluation(let heldOut) = event { print(trainer.position.epoch, heldOut.score) }
/// }
/// try trainer.best.save(to: "model")
/// ```
///
/// Everything random comes from `seed`: the same seed gives the same bytes, with any number of
/// threads, and across stopping and resuming (unless the training is bounded by minutes).
public struct Trainer<Model: TrainableModel>: StepwiseTraining, Sendable {
  public let settings: TrainingSettings
  /// The model as it is now; its weights are not averaged.
  public private(set) var model: Model
  /// Where the training stands.
  public internal(set) var position: TrainingPosition

  private let training: [Model.Example]
  private let validation: [Model.Example]
  private let lengths: [Int]
  /// The batches of the epoch that has begun.
  private var batches: [[Int]] = []
  private var updater: WeightUpdater
  private var average: MovingAverage<Model.Network>?
  private var bestNetwork: Model.Network?

  /// A new training.
  ///
  /// - Parameter validation: examples that choose the best model and may stop the training; without
  ///   them the last model is the best.
  /// - Throws: `ConfigurationError` or `TrainingError` for a setting out of range, and for a
  ///   training without examples.
  public init(
    _ model: Model, training: [Model.Example], validation: [Model.Example] = [],
    settings: TrainingSettings = TrainingSettings()
  ) throws {
    let position = TrainingPosition(
      examples: ExamplesMark(
        training: training.map(model.length), validation: validation.map(model.length)),
      generator: RandomGenerator(seed: settings.seed), settings: settings)
    try self.init(
      model, training: training, validation: validation, settings: settings, position: position)
    average = settings.averaging.map { MovingAverage(model.network, decay: $0) }
  }

  private init(
    _ model: Model, training: [Model.Example], validation: [Model.Example],
    settings: TrainingSettings, position: TrainingPosition
  ) throws {
    try settings.validate()
    guard !training.isEmpty else {
      throw ConfigurationError("the training set is empty: at least 1 example is expected")
    }
    self.settings = settings
    self.model = model
    self.position = position
    self.training = training
    self.validation = validation
    lengths = training.map(model.length)
    updater = try WeightUpdater(settings.optimizer)
  }

  /// The model with the best score so far; without held-out examples, or before the first
  /// evaluation, the model as it is now. Averaged where the settings say so.
  public var best: Model {
    var best = model
    best.network = bestNetwork ?? current
    return best
  }

  /// What would be used if the training ended now.
  private var current: Model.Network { average?.average ?? model.network }

  /// Trains to the end of the settings, or until `shouldStop` says so.
  ///
  /// - Parameters:
  ///   - observe: called after every step and every evaluation.
  ///   - shouldStop: asked before every step.
  /// - Returns: how it ended; the training can go on with another call unless it is finished.
  /// - Throws: `TrainingError` when the loss is no number any more.
  @discardableResult
  public mutating func train(
    observe: (Trainer, TrainingEvent<Model.Evaluation>) throws -> Void = { _, _ in },
    shouldStop: () -> Bool = { false }
  ) throws -> TrainingEnd {
    try run(observe: observe, shouldStop: shouldStop)
  }

  /// The share of the training that is done, 0…1.
  public var share: Double { shareDone }

  /// Steps of an epoch.
  public var stepsPerEpoch: Int { (training.count + settings.batch - 1) / settings.batch }

  /// Steps of the whole training; nil when only time bounds it.
  public var totalSteps: Int? { settings.epochs.map { $0 * stepsPerEpoch } }

  /// Epochs done, the share of the one that has begun included.
  public var epochsDone: Double {
    Double(position.epoch) + Double(position.batch) / Double(stepsPerEpoch)
  }

  /// Examples that are trained on, and that are held out.
  public var exampleCounts: (training: Int, heldOut: Int) { (training.count, validation.count) }

  /// The rate of the next step.
  public var learningRate: Float {
    settings.learningRate(step: position.step, share: share, plateau: position.plateau)
  }

  var limits: (epochs: Int?, minutes: Double?) { (settings.epochs, settings.minutes) }
  var holdsOut: Bool { !validation.isEmpty }
  var isEvaluationDue: Bool { position.batch == 0 }

  // MARK: One step

  mutating func step() throws -> TrainingEvent<Model.Evaluation> {
    if position.batch == 0 {
      position.shuffling = position.generator.split()
      batches = []
    }
    if batches.isEmpty { drawBatches() }
    let batch = batches[position.batch].map { training[$0] }
    var context = LossContext(
      generator: position.generator, statistics: BatchStatistics(), share: share,
      labelSmoothing: settings.labelSmoothing)
    let (loss, gradients) = valueAndGradient(of: model.network) { network in
      model.loss(network, batch, &context)
    }
    position.generator = context.generator ?? position.generator
    try updater.update(
      &model.network, with: gradients, loss: loss.scalar, step: position.step, rate: learningRate,
      settings: settings)
    model.network.update(with: context.statistics)
    average?.update(with: model.network)
    position.averaged = average?.updates ?? 0

    position.step += 1
    position.batch += 1
    if position.batch >= batches.count {
      position.batch = 0
      position.epoch += 1
    }
    return .step(loss: Double(loss.scalar))
  }

  private mutating func drawBatches() {
    var generator = position.shuffling
    batches = Batches.byLength(lengths, size: settings.batch, using: &generator)
  }

  // MARK: Evaluation

  mutating func evaluate(
    _ observe: (Trainer, TrainingEvent<Model.Evaluation>) throws -> Void
  ) rethrows {
    var evaluated = model
    evaluated.network = current
    let evaluation = evaluated.evaluate(validation)
    if position.stopping.observe(-evaluation.score) {
      bestNetwork = evaluated.network
      position.bestStep = position.step
    }
    // Its threshold is relative, and made for numbers above 0.
    position.plateau?.observe(1 - evaluation.score)
    position.lastEvaluatedStep = position.step
    // The observer gets the trainer as it is after the evaluation: it may save it.
    try observe(self, .evaluation(evaluation))
  }
}

/// What a training tells while it runs.
public enum TrainingEvent<Evaluation: TaskEvaluation>: Sendable {
  /// A step was made; the mean loss of its batch.
  case step(loss: Double)
  /// The held-out examples were evaluated.
  case evaluation(Evaluation)
}

// MARK: Checkpoints

/// What a checkpoint says beside its tensors.
private struct TrainerProgress: Codable, Sendable {
  var settings: TrainingSettings
  var position: TrainingPosition
}

extension Trainer {
  /// Saves the best model and everything the training needs to go on, into a model folder. Each
  /// file is written whole or not at all.
  public func save(to folder: String) throws {
    try best.save(to: folder)
    let checkpoint = Checkpoint(
      model: NamedTensors(model.network.savedTensors),
      best: bestNetwork.map { NamedTensors($0.savedTensors) }, optimizer: updater.state,
      state: average.map { NamedTensors($0.tensors) } ?? [:],
      progress: TrainerProgress(settings: settings, position: position))
    try checkpoint.write(to: ModelFolder.path(ModelFolder.checkpointName, in: folder))
  }

  /// A training as `save(to:)` left it; it goes on to the same bytes as if it had never stopped.
  ///
  /// - Parameter change: may change settings, for example train for more epochs; the batch and the
  ///   seed must stay.
  /// - Throws: an error of one line when the folder holds no checkpoint, when it is damaged, or when
  ///   the examples are not those that it was made with.
  public init(
    resuming folder: String, training: [Model.Example], validation: [Model.Example] = [],
    _ change: (inout TrainingSettings) throws -> Void = { _ in }
  ) throws {
    let model = try Model(folder: folder)
    let path = ModelFolder.path(ModelFolder.checkpointName, in: folder)
    let checkpoint = try Checkpoint<TrainerProgress>.read(path)
    let (before, saved) = (checkpoint.progress.settings, checkpoint.progress.position)
    var settings = before
    try change(&settings)
    guard settings.batch == before.batch && settings.seed == before.seed else {
      throw TrainingError(
        "batch \(settings.batch) and seed \(settings.seed): the training to resume was started "
          + "with \(before.batch) and \(before.seed), which cannot change")
    }
    let came = ExamplesMark(
      training: training.map(model.length), validation: validation.map(model.length))
    guard came == saved.examples else {
      throw TrainingError(
        "the corpus has \(came), the checkpoint '\(path)' was made with \(saved.examples)")
    }
    var position = saved
    position.adopt(settings, before: before)
    try self.init(
      model, training: training, validation: validation, settings: settings, position: position)
    if let best = checkpoint.best {
      var network = model.network
      try network.load(best)
      bestNetwork = network
    }
    try self.model.network.load(checkpoint.model)
    try updater.restore(checkpoint.optimizer, for: self.model.network)
    if let decay = settings.averaging {
      var average = MovingAverage(self.model.network, decay: decay)
      if !checkpoint.state.isEmpty {
        try average.restore(checkpoint.state, updates: position.averaged)
      }
      self.average = average
    }
  }
}
