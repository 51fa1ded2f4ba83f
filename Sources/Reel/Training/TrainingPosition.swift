import ReelTensor
import ReelTraining

/// Where a training on examples stands: everything that is no tensor and that going on depends on.
public struct TrainingPosition: StepwisePosition, Codable, Sendable {
  /// Steps made.
  public internal(set) var step = 0
  /// Epochs finished.
  public internal(set) var epoch = 0
  /// The batch of the epoch that comes next.
  var batch = 0
  /// Seconds spent on steps, over all sessions.
  public internal(set) var seconds = 0.0
  var lastEvaluatedStep: Int?
  /// Steps made when the score was the best so far.
  public internal(set) var bestStep: Int?
  /// Updates of the moving average.
  var averaged = 0
  let examples: ExamplesMark
  var generator: RandomGenerator
  /// As it was before the epoch's batches were drawn.
  var shuffling: RandomGenerator
  /// Observes the negative score.
  var stopping: EarlyStopping
  var plateau: ReduceOnPlateau?

  init(examples: ExamplesMark, generator: RandomGenerator, settings: TrainingSettings) {
    self.examples = examples
    self.generator = generator
    shuffling = generator
    stopping = EarlyStopping(patience: settings.patience)
    plateau = settings.plateau
  }

  /// Takes over changed settings of what has a state of its own; the state of an unchanged one
  /// stays.
  mutating func adopt(_ settings: TrainingSettings, before: TrainingSettings) {
    stopping.patience = settings.patience
    if settings.plateau != before.plateau { plateau = settings.plateau }
  }

  /// The best score on the held-out examples so far.
  public var bestScore: Double? { stopping.best.map { -$0 } }
}

/// Tells one set of examples from another, by their number and lengths.
struct ExamplesMark: Codable, Sendable, Equatable, CustomStringConvertible {
  let training: Int
  let validation: Int
  /// FNV-1a (Fowler, Noll and Vo) of all lengths.
  let hash: UInt64

  init(training: [Int], validation: [Int]) {
    self.training = training.count
    self.validation = validation.count
    hash = (training + validation).reduce(0xcbf2_9ce4_8422_2325) {
      ($0 ^ UInt64($1)) &* 0x100_0000_01b3
    }
  }

  var description: String {
    "\(training) examples and \(validation) held out (hash \(String(hash, radix: 16)))"
  }
}
