import Foundation
import ReelFormats
import ReelLayers
import ReelSequence
import ReelTensor
import ReelText
import ReelTraining

/// Trains a language model on one text: truncated BPTT over parallel lanes, with a held-out part,
/// the best model kept, and a position that can be saved and taken up again.
///
/// ```swift
/// var trainer = try LanguageModelTrainer(corpus: try Corpus.read("play.txt"))
/// try trainer.train { trainer, event in
///   if case .evaluation(let heldOut) = event { print(trainer.position.step, heldOut.loss) }
/// }
/// try trainer.best.save(to: "model")
/// ```
///
/// Everything random comes from `seed`: the same seed gives the same bytes, with any number of
/// threads, and across stopping and resuming (unless the training is bounded by minutes).
public struct LanguageModelTrainer: StepwiseTraining, Sendable {
  public let settings: LanguageModelTraining
  /// The model as it is now.
  public private(set) var model: LanguageModel
  /// Where the training stands.
  public internal(set) var position: LanguageModelTrainingPosition

  private let lanes: TextLanes
  private let heldOut: ArraySlice<Int32>
  private var updater: WeightUpdater
  private var state: SequenceEncoder.State?
  private var bestNetwork: LanguageModelNetwork?

  /// A new training.
  ///
  /// - Parameters:
  ///   - corpus: the bytes of the text. A model over characters takes its vocabulary from the whole
  ///     of it, the held-out part included.
  ///   - tokenizer: turns the text into tokens, of the kind that the configuration names. By default
  ///     a tokenizer of that kind is trained on the corpus, with at most
  ///     ``standardVocabularySize`` tokens where its size may be chosen.
  /// - Throws: `ConfigurationError`, `TrainingError`, `UTF8Error` or `TextError`.
  public init(
    corpus: [UInt8], model configuration: LanguageModelConfiguration = .init(),
    settings: LanguageModelTraining = .init(), tokenizer: (any Tokenizer)? = nil
  ) throws {
    try configuration.validate()
    try settings.validate()
    let tokenizer = try tokenizer ?? Self.tokenizer(configuration.tokens, trainedOn: corpus)
    guard tokenizer.kind == configuration.tokens else {
      throw ConfigurationError(
        "a tokenizer of \(tokenizer.kind.rawValue) for a model over "
          + "\(configuration.tokens.rawValue): the same kind is expected")
    }
    var generator = RandomGenerator(seed: settings.seed)
    var weights = generator.split()
    let model = try LanguageModel(configuration, tokenizer: tokenizer, using: &weights)
    let position = LanguageModelTrainingPosition(
      corpus: CorpusMark(corpus), generator: generator,
      stopping: EarlyStopping(patience: settings.patience), plateau: settings.plateau)
    try self.init(corpus: corpus, model: model, settings: settings, position: position)
  }

  /// How many tokens a tokenizer that is trained for a language model may have.
  public static let standardVocabularySize = 8_000

  private static func tokenizer(
    _ kind: TokenizerKind, trainedOn corpus: [UInt8]
  ) throws -> any Tokenizer {
    switch kind {
    case .bytes: return ByteTokenizer()
    case .characters: return try ScalarTokenizer(trainedOn: corpus)
    default:
      var trainer = try TokenizerTrainer(
        TokenizerTraining(kind, vocabularySize: standardVocabularySize))
      try trainer.add(corpus)
      return try trainer.finish()
    }
  }

  /// A training as a checkpoint left it.
  init(
    corpus: [UInt8], model: LanguageModel, settings: LanguageModelTraining,
    position: LanguageModelTrainingPosition
  ) throws {
    let ids = try model.tokenizer.encode(corpus)
    let heldOutCount = Int((Double(ids.count) * settings.validationFraction).rounded())
    guard settings.validationFraction == 0 || heldOutCount >= 2 else {
      throw ConfigurationError(
        "the corpus has \(ids.count) tokens, of which the validation fraction "
          + "\(settings.validationFraction) holds out \(heldOutCount), at least 2 are expected")
    }
    self.settings = settings
    self.model = model
    self.position = position
    lanes = try TextLanes(
      Array(ids.dropLast(heldOutCount)), batch: settings.batch, window: settings.window)
    heldOut = ids.suffix(heldOutCount)
    updater = try WeightUpdater(settings.optimizer)
  }

  /// The model with the lowest held-out loss so far; without held-out text, or before the first
  /// evaluation, the model as it is now.
  public var best: LanguageModel {
    var best = model
    if let bestNetwork { best.network = bestNetwork }
    return best
  }

  /// Trains to the end of the settings, or until `shouldStop` says so.
  ///
  /// - Parameters:
  ///   - observe: called after every step and every evaluation.
  ///   - shouldStop: asked before every step.
  /// - Returns: how it ended; the training can go on with another call unless it is finished.
  /// - Throws: `TrainingError` when the loss is no number any more.
  @discardableResult
  public mutating func train(
    observe: (LanguageModelTrainer, LanguageModelTrainingEvent) throws -> Void = { _, _ in },
    shouldStop: () -> Bool = { false }
  ) throws -> TrainingEnd {
    try run(observe: observe, shouldStop: shouldStop)
  }

  /// The share of the training that is done, 0…1.
  public var share: Double { shareDone }

  /// Steps of the whole training; nil when only time bounds it. An epoch that starts later in its
  /// lanes may have one step less.
  public var totalSteps: Int? { settings.epochs.map { $0 * lanes.windowCount(offset: 0) } }

  /// Tokens that one step reads.
  public var tokensPerStep: Int { lanes.batch * lanes.window }

  /// Epochs done, the share of the one that has begun included.
  public var epochsDone: Double {
    let windows = lanes.windowCount(offset: position.offset)
    return Double(position.epoch) + Double(position.window) / Double(windows)
  }

  /// Tokens of the text that are trained on, and that are held out.
  public var tokenCounts: (training: Int, heldOut: Int) { (lanes.tokenCount, heldOut.count) }

  var limits: (epochs: Int?, minutes: Double?) { (settings.epochs, settings.minutes) }
  var holdsOut: Bool { !heldOut.isEmpty }
  var isEvaluationDue: Bool {
    settings.evaluationInterval.map { position.step % $0 == 0 } ?? (position.window == 0)
  }

  // MARK: One step

  mutating func step() throws -> LanguageModelTrainingEvent {
    if position.window == 0 {
      position.offset = Int.random(in: lanes.offsets, using: &position.generator)
      state = nil
    }
    let (inputs, targets) = lanes.window(position.window, offset: position.offset)
    var generator: RandomGenerator? = position.generator
    let smoothing = settings.labelSmoothing
    let (loss, newState, gradients) = valueAndGradient(of: model.network) { network in
      let (logits, newState) = network(inputs, state: state, using: &generator)
      return (crossEntropy(consume logits, targets, smoothing: smoothing), newState)
    }
    position.generator = generator ?? position.generator
    state = newState
    try updater.update(
      &model.network, with: gradients, loss: loss.scalar, step: position.step, rate: learningRate,
      settings: settings)

    position.step += 1
    position.window += 1
    if position.window >= lanes.windowCount(offset: position.offset) {
      position.window = 0
      position.epoch += 1
    }
    return .step(loss: Double(loss.scalar))
  }

  /// The rate of the next step.
  public var learningRate: Float {
    settings.learningRate(step: position.step, share: share, plateau: position.plateau)
  }

  // MARK: Evaluation

  mutating func evaluate(
    _ observe: (LanguageModelTrainer, LanguageModelTrainingEvent) throws -> Void
  ) rethrows {
    let evaluation = model.network.evaluate(heldOut)
    if position.stopping.observe(evaluation.loss) {
      bestNetwork = model.network
      position.bestStep = position.step
    }
    position.plateau?.observe(evaluation.loss)
    position.lastEvaluatedStep = position.step
    // The observer gets the trainer as it is after the evaluation: it may save it.
    try observe(self, .evaluation(evaluation))
  }
}

/// What a training tells while it runs.
public enum LanguageModelTrainingEvent: Sendable {
  /// A step was made; the mean loss of its tokens, in nats.
  case step(loss: Double)
  /// The held-out text was predicted.
  case evaluation(LanguageModelEvaluation)
}

// MARK: Checkpoints

extension LanguageModelTrainer {
  /// Saves the model and everything the training needs to go on, into a model folder. Each file is
  /// written whole or not at all.
  public func save(to folder: String) throws {
    try best.save(to: folder)
    let names = model.network.stateNames
    let stateTensors = state.map { zip(names, $0).map { (name: $0, tensor: $1) } } ?? []
    let checkpoint = Checkpoint(
      model: NamedTensors(model.network.savedTensors),
      best: bestNetwork.map { NamedTensors($0.savedTensors) }, optimizer: updater.state,
      state: NamedTensors(stateTensors), progress: SavedTraining(settings, position))
    try checkpoint.write(to: ModelFolder.path(ModelFolder.checkpointName, in: folder))
  }

  /// A training as `save(to:)` left it; it goes on to the same bytes as if it had never stopped.
  ///
  /// - Parameter change: may change settings that leave the text's lanes as they are, for example
  ///   train for more epochs.
  /// - Throws: an error of one line when the folder holds no checkpoint, when it is damaged, or when
  ///   the corpus is not the one that it was made with.
  public init(
    resuming folder: String, corpus: [UInt8],
    _ change: (inout LanguageModelTraining) throws -> Void = { _ in }
  ) throws {
    let model = try LanguageModel(folder: folder)
    let path = ModelFolder.path(ModelFolder.checkpointName, in: folder)
    let checkpoint = try Checkpoint<SavedTraining>.read(path)
    var settings = checkpoint.progress.settings
    try change(&settings)
    try settings.validate()
    let saved = checkpoint.progress.position.corpus
    let came = CorpusMark(corpus)
    guard came == saved else {
      throw TrainingError(
        "the corpus has \(came), the checkpoint '\(path)' was made with one of \(saved)")
    }
    var position = checkpoint.progress.position
    position.adopt(settings, before: checkpoint.progress.settings)
    try self.init(corpus: corpus, model: model, settings: settings, position: position)
    if let best = checkpoint.best {
      var network = model.network
      try network.load(best)
      bestNetwork = network
    }
    try self.model.network.load(checkpoint.model)
    try updater.restore(checkpoint.optimizer, for: self.model.network)
    let components = self.model.network.stateNames.compactMap { checkpoint.state[$0] }
    state = components.isEmpty ? nil : components
  }
}
