import ReelTensor
import ReelTraining

/// Where a training stands: everything that is no tensor and that going on depends on.
public struct LanguageModelTrainingPosition: StepwisePosition, Codable, Sendable {
  /// Steps made.
  public internal(set) var step = 0
  /// Epochs finished.
  public internal(set) var epoch = 0
  /// The window of the epoch that comes next.
  var window = 0
  /// Where in its lane the epoch started.
  var offset = 0
  /// Seconds spent on steps, over all sessions.
  public internal(set) var seconds = 0.0
  var lastEvaluatedStep: Int?
  /// Steps made when the held-out loss was the lowest so far.
  public internal(set) var bestStep: Int?
  let corpus: CorpusMark
  var generator: RandomGenerator
  var stopping: EarlyStopping
  var plateau: ReduceOnPlateau?

  init(
    corpus: CorpusMark, generator: RandomGenerator, stopping: EarlyStopping,
    plateau: ReduceOnPlateau?
  ) {
    self.corpus = corpus
    self.generator = generator
    self.stopping = stopping
    self.plateau = plateau
  }

  /// Takes over changed settings of what has a state of its own; the state of an unchanged one stays.
  mutating func adopt(_ settings: LanguageModelTraining, before: LanguageModelTraining) {
    stopping.patience = settings.patience
    if settings.plateau != before.plateau { plateau = settings.plateau }
  }

  /// The lowest held-out loss so far, in nats for each token.
  public var bestLoss: Double? { stopping.best }
}

/// What a checkpoint says beside its tensors.
struct SavedTraining: Codable, Sendable {
  var settings: LanguageModelTraining
  var position: LanguageModelTrainingPosition

  init(_ settings: LanguageModelTraining, _ position: LanguageModelTrainingPosition) {
    self.settings = settings
    self.position = position
  }
}

/// Tells one corpus from another: length and FNV-1a hash (Fowler, Noll and Vo) of the bytes.
struct CorpusMark: Codable, Sendable, Equatable, CustomStringConvertible {
  let bytes: Int
  let hash: UInt64

  init(_ corpus: [UInt8]) {
    bytes = corpus.count
    hash = corpus.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  var description: String { "\(bytes) bytes (hash \(String(hash, radix: 16)))" }
}
