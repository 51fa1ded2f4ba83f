import ReelLayers
import ReelSequence
import ReelTensor
import ReelText

/// What a classifier and a regressor of real-valued sequences have in common: standardized frames,
/// and a network with a number of outputs for each sequence.
struct FrameReading: Sendable {
  let configuration: SequenceClassifierConfiguration

  /// Standardization learned from the training set.
  ///
  /// - Throws: `TextError` for frames of different width, or values that are not finite.
  init(
    _ configuration: SequenceClassifierConfiguration,
    training: some Collection<(frames: [[Float]], line: Int)>
  ) throws {
    var configuration = configuration
    try configuration.validate()
    let width = training.lazy.compactMap(\.frames.first).first?.count ?? 0
    guard width > 0 else {
      throw ConfigurationError("no sequence of the training set has a frame with values")
    }
    var columns = [[Double]](repeating: [], count: width)
    for example in training {
      try Self.check(example.frames, width: width, line: example.line)
      for frame in example.frames {
        for (feature, value) in frame.enumerated() { columns[feature].append(Double(value)) }
      }
    }
    configuration.features = columns.map { NumberScale(of: $0) }
    self.configuration = configuration
  }

  init(saved configuration: SequenceClassifierConfiguration) throws {
    try configuration.validate()
    guard !configuration.features.isEmpty else {
      throw ModelFolderError("config.json has no features, at least 1 is expected")
    }
    self.configuration = configuration
  }

  /// Values of a frame.
  var width: Int { configuration.features.count }

  /// The frames of a sequence, each value standardized, one after the other.
  ///
  /// - Throws: `TextError` that names the frame of another width, or with a value that is not finite.
  func standardized(_ frames: [[Float]], line: Int = 0) throws -> [Float] {
    try Self.check(frames, width: width, line: line)
    var values: [Float] = []
    values.reserveCapacity(frames.count * width)
    for frame in frames {
      for (scale, value) in zip(configuration.features, frame) {
        values.append(Float(scale.standardized(Double(value))))
      }
    }
    return values
  }

  private static func check(_ frames: [[Float]], width: Int, line: Int) throws {
    let place = line > 0 ? "line \(line): " : ""
    for (number, frame) in frames.enumerated() {
      guard frame.count == width else {
        throw TextError(
          "\(place)frame \(number + 1) has \(frame.count) values, \(width) are expected")
      }
      for (feature, value) in frame.enumerated() where !value.isFinite {
        throw TextError(
          "\(place)value \(feature + 1) of frame \(number + 1) is \(value), a finite number is "
            + "expected")
      }
    }
  }

  func network(outputs: Int, using generator: inout RandomGenerator) -> PooledNetwork {
    let c = configuration
    return PooledNetwork(
      embedding: nil, inputSize: width, outputs: outputs, encoder: c.encoder, pooling: c.pooling,
      attentionSize: c.attentionSize, inputDropout: c.inputDropout, dropout: c.dropout,
      using: &generator)
  }

  /// The outputs of a batch in training.
  func outputs(
    _ network: PooledNetwork, _ batch: [[Float]], using generator: inout RandomGenerator?
  ) -> Tensor {
    var sequences = sequences(batch)
    if configuration.inputNoise > 0, var random = generator {
      let noise = random.normal(
        shape: [sequences.layout.total, width], deviation: configuration.inputNoise)
      generator = random
      sequences = sequences.mapSteps { $0 + noise }
    }
    return network(sequences, using: &generator)
  }

  /// The outputs for many sequences, in their order.
  func outputs(_ network: PooledNetwork, _ sequences: [[Float]]) -> [[Float]] {
    BatchedPrediction.rows(of: sequences, lengths: sequences.map { $0.count / width }) { batch in
      var none: RandomGenerator?
      return network(self.sequences(batch), using: &none)
    }
  }

  private func sequences(_ batch: [[Float]]) -> Sequences {
    Sequences(batch.map { Tensor(shape: [$0.count / width, width], values: $0) })
  }
}
