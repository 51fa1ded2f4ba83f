/// Which way a recurrent layer reads.
public enum RecurrentDirections: String, Sendable, Codable, CaseIterable {
  /// From the first time step to the last.
  case forward
  /// From the last to the first.
  case backward
  /// Both ways; the features of both outputs stand side by side, forward first.
  case bidirectional

  /// 1 or 2.
  public var count: Int { self == .bidirectional ? 2 : 1 }
}

/// Every hyper-parameter of a recurrent network.
public struct RecurrentConfiguration: Sendable, Codable, Equatable {
  /// Features of the input.
  public var inputSize: Int
  /// H, units of each layer and direction.
  public var hiddenSize: Int
  /// Layers, each reading the output of the one below.
  public var layers = 1
  public var directions = RecurrentDirections.forward
  /// Whether the projections have a bias.
  public var bias = true
  /// Dropout of the input of every layer but the first (Zaremba et al. 2014).
  public var dropout: Float = 0
  /// Variational dropout of the hidden state, one mask for all time steps (Gal and Ghahramani
  /// 2016).
  public var recurrentDropout: Float = 0
  /// Zoneout of the hidden state: the probability that a unit keeps its previous value at a time
  /// step (Krueger et al. 2017). In prediction the state is the mean of keeping and changing.
  public var zoneout: Float = 0
  /// The same of the cell state, for the cells that have one.
  public var zoneoutCell: Float = 0
  /// P, features to which each layer and direction projects its hidden state before the output and
  /// the recurrence read it, below H (LSTMP: Sak et al. 2014); nil: no projection. For LSTMs.
  public var projectionSize: Int?
  /// Whether the state before the first step, where none is passed, is learned instead of zeros.
  public var learnsInitialState = false

  public init(
    inputSize: Int, hiddenSize: Int, layers: Int = 1, directions: RecurrentDirections = .forward,
    bias: Bool = true, dropout: Float = 0, recurrentDropout: Float = 0, zoneout: Float = 0,
    zoneoutCell: Float = 0, projectionSize: Int? = nil, learnsInitialState: Bool = false
  ) {
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.directions = directions
    self.bias = bias
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.zoneout = zoneout
    self.zoneoutCell = zoneoutCell
    self.projectionSize = projectionSize
    self.learnsInitialState = learnsInitialState
  }

  /// Files from before zoneout, projection and learned states lack these; then they are off.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func value<Value: Decodable>(_ key: CodingKeys, or missing: Value) throws -> Value {
      try values.decodeIfPresent(Value.self, forKey: key) ?? missing
    }
    self.init(
      inputSize: try values.decode(Int.self, forKey: .inputSize),
      hiddenSize: try values.decode(Int.self, forKey: .hiddenSize),
      layers: try values.decode(Int.self, forKey: .layers),
      directions: try values.decode(RecurrentDirections.self, forKey: .directions),
      bias: try values.decode(Bool.self, forKey: .bias),
      dropout: try values.decode(Float.self, forKey: .dropout),
      recurrentDropout: try values.decode(Float.self, forKey: .recurrentDropout),
      zoneout: try value(.zoneout, or: 0), zoneoutCell: try value(.zoneoutCell, or: 0),
      projectionSize: try values.decodeIfPresent(Int.self, forKey: .projectionSize),
      learnsInitialState: try value(.learnsInitialState, or: false))
  }

  /// Features of one direction's output, and of the hidden state: P with a projection, else H.
  public var directionOutputSize: Int { projectionSize ?? hiddenSize }

  /// Features of the output: D·P with a projection, else D·H.
  public var outputSize: Int { directionOutputSize * directions.count }

  /// What a network of this cell cannot be made with, in one line that quotes it; nil when all fits.
  public func problem(for kind: RecurrentCellKind) -> String? {
    problem(
      for: kind.rawValue, stateNames: kind.stateNames, allowsProjection: kind.allowsProjection)
  }

  func problem(for cell: String, stateNames: [String], allowsProjection: Bool) -> String? {
    guard inputSize > 0 && hiddenSize > 0 && layers > 0 else {
      return "input size \(inputSize), hidden size \(hiddenSize) and \(layers) layers came, all "
        + "must be positive"
    }
    let probabilities = [
      ("dropout", dropout), ("recurrent dropout", recurrentDropout), ("zoneout", zoneout),
      ("zoneout of the cell state", zoneoutCell),
    ]
    for (name, probability) in probabilities where !(probability >= 0 && probability < 1) {
      return "\(name) \(probability), at least 0 and below 1 is expected"
    }
    if zoneoutCell > 0 && stateNames.count < 2 {
      return "zoneout of the cell state \(zoneoutCell) for the cell '\(cell)', which has none; "
        + "an LSTM is expected"
    }
    guard let projectionSize else { return nil }
    if !allowsProjection {
      return "projection to \(projectionSize) for the cell '\(cell)'; an LSTM is expected"
    }
    if !(1..<max(hiddenSize, 1)).contains(projectionSize) {
      return "projection to \(projectionSize) of \(hiddenSize) units, at least 1 and below "
        + "\(hiddenSize) is expected"
    }
    return nil
  }
}
