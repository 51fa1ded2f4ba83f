import ReelSequence

/// Every hyper-parameter of a classifier or regressor of real-valued sequences: what `config.json`
/// holds.
public struct SequenceClassifierConfiguration: Codable, Sendable, Equatable {
  public var encoder = EncoderConfiguration()
  /// How the encoder's output over time becomes one vector.
  public var pooling = Pooling.finalStates
  /// Units of the scores of attention pooling.
  public var attentionSize = 64
  /// Dropout of the pooled vector.
  public var dropout: Float = 0.2
  /// Dropout of the frames' values.
  public var inputDropout: Float = 0
  /// Deviation of normal noise that is added to the standardized frames in training.
  public var inputNoise: Float = 0
  /// Whether every label counts the same in the training loss, however many examples it has: an
  /// example weighs n / (labels · examples of its label).
  public var balancesLabels = false
  /// The labels in the order of the outputs; filled from the training set where it is empty. Not
  /// used by a regressor.
  public var labels: [String] = []
  /// The weight of each label in the training loss, filled where `balancesLabels` says so.
  public internal(set) var labelWeights: [Float]?
  /// Mean and deviation of each value of a frame in the training set, by which all frames are
  /// standardized; filled from the training set.
  public internal(set) var features: [NumberScale] = []

  public init(
    encoder: EncoderConfiguration = EncoderConfiguration(), pooling: Pooling = .finalStates,
    attentionSize: Int = 64, dropout: Float = 0.2, inputDropout: Float = 0, inputNoise: Float = 0,
    balancesLabels: Bool = false, labels: [String] = []
  ) {
    self.encoder = encoder
    self.pooling = pooling
    self.attentionSize = attentionSize
    self.dropout = dropout
    self.inputDropout = inputDropout
    self.inputNoise = inputNoise
    self.balancesLabels = balancesLabels
    self.labels = labels
  }

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try encoder.validate()
    try ConfigurationError.check("attention size", attentionSize, in: 1...65_536)
    try ConfigurationError.checkDropout("dropout", dropout)
    try ConfigurationError.checkDropout("input dropout", inputDropout)
    try ConfigurationError.check("input noise", inputNoise, "a number of at least 0") { $0 >= 0 }
  }
}
