import ReelLayers
import ReelSequence
import ReelTensor
import ReelText
import ReelTraining

/// A sequence of frames, each a row of numbers, and the class it belongs to.
public struct LabelledSequence: Sendable, Hashable {
  /// One row for each time step, all of the same width.
  public var frames: [[Float]]
  public var label: String
  /// The line on which it begins in its file, from 1; 0 where it came from no file.
  public var line: Int

  public init(frames: [[Float]], label: String, line: Int = 0) {
    self.frames = frames
    self.label = label
    self.line = line
  }
}

/// A classifier of real-valued sequences: frames, standardized by the training set's mean and
/// deviation → encoder (recurrent layers or a TCN) → pooling → label.
///
/// A sequence without frames gets the answer that the head's bias says. A value: many tasks may share
/// one.
public struct SequenceClassifier: TrainableModel {
  /// A sequence's standardized values, frame after frame, and the number of its label.
  public struct Example: Sendable, Equatable {
    public let values: [Float]
    public let label: Int32
  }

  public let labels: Labels
  public var network: PooledNetwork
  private let reading: FrameReading

  /// A model with random weights, for sequences like these.
  ///
  /// - Throws: one line for a setting out of range, an empty training set, a single label, frames of
  ///   different width, or a value that is not finite.
  public init(
    sequences: [LabelledSequence],
    configuration: SequenceClassifierConfiguration = SequenceClassifierConfiguration(),
    seed: UInt64 = 0
  ) throws {
    var configuration = configuration
    labels = try LabelSet.labels(
      of: sequences.map(\.label), given: configuration.labels, what: "sequence")
    configuration.labels = labels.names
    if configuration.balancesLabels {
      configuration.labelWeights = LabelSet.balancedWeights(
        try sequences.map { [labels] in try LabelSet.index($0.label, line: $0.line, of: labels) },
        labels: labels.count)
    }
    reading = try FrameReading(
      configuration, training: sequences.map { ($0.frames, $0.line) })
    var generator = RandomGenerator(seed: seed)
    network = reading.network(outputs: labels.count, using: &generator)
  }

  public var configuration: SequenceClassifierConfiguration { reading.configuration }

  /// A labelled sequence as the network takes it.
  ///
  /// - Throws: `TextError` for an unknown label, a frame of another width, or a value that is not
  ///   finite.
  public func example(_ sequence: LabelledSequence) throws -> Example {
    Example(
      values: try reading.standardized(sequence.frames, line: sequence.line),
      label: try LabelSet.index(sequence.label, line: sequence.line, of: labels))
  }

  // MARK: Prediction

  /// The most probable label of a sequence.
  ///
  /// - Throws: `TextError` for a frame of another width, or a value that is not finite.
  public func classify(_ frames: [[Float]]) throws -> Classification {
    try classify([frames])[0]
  }

  /// The most probable label of each sequence; sequences of nearly equal length are read together.
  ///
  /// - Throws: `TextError` for a frame of another width, or a value that is not finite.
  public func classify(_ sequences: [[[Float]]]) throws -> [Classification] {
    reading.outputs(network, try sequences.map { try reading.standardized($0) }).map {
      Classification(labels: labels.names, logits: $0)
    }
  }

  // MARK: Training

  public func length(of example: Example) -> Int { example.values.count / reading.width }

  public func loss(
    _ network: PooledNetwork, _ batch: [Example], _ context: inout LossContext
  ) -> Tensor {
    let logits = reading.outputs(network, batch.map(\.values), using: &context.generator)
    return logits.labelLoss(
      batch.map(\.label), weights: configuration.labelWeights, smoothing: context.labelSmoothing)
  }

  public func evaluate(_ examples: [Example]) -> ClassificationEvaluation {
    ClassificationEvaluation(
      labels: labels, logits: reading.outputs(network, examples.map(\.values)),
      gold: examples.lazy.map(\.label))
  }

  // MARK: Folder

  /// Writes `config.json` and `model.safetensors` into a folder.
  public func save(to folder: String) throws {
    try ModelFolder.write(.sequenceClassifier, configuration, network: network, to: folder)
  }

  /// Reads a model from a folder.
  ///
  /// - Throws: an error of one line when a file is missing, damaged, or of another kind of model.
  public init(folder: String) throws {
    let configuration = try ModelFolder.configuration(
      .sequenceClassifier, as: SequenceClassifierConfiguration.self, of: folder)
    labels = try Labels(configuration.labels)
    reading = try FrameReading(saved: configuration)
    network = ModelFolder.unfilled { [reading, labels] in
      reading.network(outputs: max(1, labels.count), using: &$0)
    }
    try ModelFolder.load(&network, from: folder)
  }
}
