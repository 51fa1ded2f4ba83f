import ReelLayers
import ReelTensor

/// A model of a task that learns from examples with a ``Trainer``.
public protocol TrainableModel: Sendable {
  associatedtype Network: Module
  /// One example, already turned into ids and numbers.
  associatedtype Example: Sendable
  associatedtype Evaluation: TaskEvaluation

  var network: Network { get set }

  /// Time steps of an example: a batch holds examples of nearly the same length.
  func length(of example: Example) -> Int

  /// The mean loss of a batch, a scalar.
  ///
  /// - Parameter network: the model's network, watched.
  func loss(_ network: Network, _ batch: [Example], _ context: inout LossContext) -> Tensor

  /// How well the model does; without dropout.
  func evaluate(_ examples: [Example]) -> Evaluation

  /// Writes the model into a folder.
  func save(to folder: String) throws

  /// Reads a model from a folder.
  init(folder: String) throws
}

/// What a loss may depend on besides the model and its examples.
public struct LossContext: Sendable {
  /// The source of dropout and whatever else is random in training; nil: everything is as in
  /// prediction.
  public var generator: RandomGenerator?
  /// Where batch normalizations record what they saw, on its way into their moving statistics; nil:
  /// these are used as they are.
  public var statistics: BatchStatistics?
  /// The share of the training that is done, 0…1: for what changes on the way, such as teacher
  /// forcing.
  public let share: Double
  /// ε of label smoothing.
  public let labelSmoothing: Float

  public init(
    generator: RandomGenerator? = nil, statistics: BatchStatistics? = nil, share: Double = 0,
    labelSmoothing: Float = 0
  ) {
    self.generator = generator
    self.statistics = statistics
    self.share = share
    self.labelSmoothing = labelSmoothing
  }
}

/// How well a model does on examples.
public protocol TaskEvaluation: Codable, Sendable, Equatable {
  /// What chooses the best model: higher is better.
  var score: Double { get }
  /// Names and values for people to follow, the most important first.
  var figures: [(name: String, value: Double)] { get }
}
