import ReelLayers
import ReelSequence
import ReelTensor
import ReelText
import ReelTraining

/// A sequence of frames, each a row of numbers, and the number that is to be told of it.
public struct MeasuredSequence: Sendable, Hashable {
  /// One row for each time step, all of the same width.
  public var frames: [[Float]]
  public var target: Double
  /// The line on which it begins in its file, from 1; 0 where it came from no file.
  public var line: Int

  public init(frames: [[Float]], target: Double, line: Int = 0) {
    self.frames = frames
    self.target = target
    self.line = line
  }
}

/// Reads a real-valued sequence and answers a number, trained on half the squared error of
/// standardized numbers.
///
/// The settings are those of a ``SequenceClassifier`` but for the labels.
public struct SequenceRegressor: TrainableModel {
  /// A sequence's standardized values, frame after frame, and its number, standardized.
  public struct Example: Sendable, Equatable {
    public let values: [Float]
    public let target: Float
  }

  /// What `config.json` holds.
  private struct File: Codable {
    var sequence: SequenceClassifierConfiguration
    var scale: NumberScale
  }

  /// Mean and deviation of the training set's numbers.
  public let scale: NumberScale
  public var network: PooledNetwork
  private let reading: FrameReading

  /// A model with random weights, for sequences like these.
  ///
  /// - Throws: one line for a setting out of range, an empty training set, frames of different width,
  ///   or a value or target that is not finite.
  public init(
    sequences: [MeasuredSequence],
    configuration: SequenceClassifierConfiguration = SequenceClassifierConfiguration(),
    seed: UInt64 = 0
  ) throws {
    guard !sequences.isEmpty else {
      throw ConfigurationError("the training set is empty: at least 1 sequence is expected")
    }
    scale = NumberScale(of: try sequences.map(Self.target))
    reading = try FrameReading(
      configuration, training: sequences.map { ($0.frames, $0.line) })
    var generator = RandomGenerator(seed: seed)
    network = reading.network(outputs: 1, using: &generator)
  }

  public var configuration: SequenceClassifierConfiguration { reading.configuration }

  /// A sequence and its number as the network takes it.
  ///
  /// - Throws: `TextError` for a frame of another width, or a value or target that is not finite.
  public func example(_ sequence: MeasuredSequence) throws -> Example {
    Example(
      values: try reading.standardized(sequence.frames, line: sequence.line),
      target: Float(scale.standardized(try Self.target(sequence))))
  }

  private static func target(_ sequence: MeasuredSequence) throws -> Double {
    guard sequence.target.isFinite else {
      let place = sequence.line > 0 ? "line \(sequence.line): " : ""
      throw TextError("\(place)the target \(sequence.target), expected a finite number")
    }
    return sequence.target
  }

  /// The number for a sequence.
  ///
  /// - Throws: `TextError` for a frame of another width, or a value that is not finite.
  public func predict(_ frames: [[Float]]) throws -> Double { try predict([frames])[0] }

  /// The number for each sequence; sequences of nearly equal length are read together.
  ///
  /// - Throws: `TextError` for a frame of another width, or a value that is not finite.
  public func predict(_ sequences: [[[Float]]]) throws -> [Double] {
    answers(try sequences.map { try reading.standardized($0) })
  }

  private func answers(_ sequences: [[Float]]) -> [Double] {
    reading.outputs(network, sequences).map { scale.restored(Double($0[0])) }
  }

  public func length(of example: Example) -> Int { example.values.count / reading.width }

  public func loss(
    _ network: PooledNetwork, _ batch: [Example], _ context: inout LossContext
  ) -> Tensor {
    let answers = reading.outputs(network, batch.map(\.values), using: &context.generator)
    return NumberScale.loss(answers, batch.map(\.target))
  }

  public func evaluate(_ examples: [Example]) -> RegressionEvaluation {
    RegressionEvaluation(
      predicted: answers(examples.map(\.values)),
      gold: examples.map { scale.restored(Double($0.target)) })
  }

  /// Writes `config.json` and `model.safetensors` into a folder.
  public func save(to folder: String) throws {
    try ModelFolder.write(
      .sequenceRegressor, File(sequence: configuration, scale: scale), network: network, to: folder)
  }

  /// Reads a model from a folder.
  ///
  /// - Throws: an error of one line when a file is missing, damaged, or of another kind of model.
  public init(folder: String) throws {
    let file = try ModelFolder.configuration(.sequenceRegressor, as: File.self, of: folder)
    scale = file.scale
    reading = try FrameReading(saved: file.sequence)
    network = ModelFolder.unfilled { [reading] in
      reading.network(outputs: 1, using: &$0)
    }
    try ModelFolder.load(&network, from: folder)
  }
}
