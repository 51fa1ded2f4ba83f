import ReelTensor

/// Which network reads a sequence, whatever its vectors are: part of the configuration of
/// every task that encodes.
public struct EncoderConfiguration: Codable, Sendable, Equatable {
  public var cell: EncoderKind
  /// H, units of each layer and direction.
  public var hiddenSize: Int
  public var layers: Int
  public var directions: RecurrentDirections
  /// Dropout between the layers (Zaremba et al. 2014).
  public var dropout: Float
  /// Variational dropout of the hidden state (Gal and Ghahramani 2016).
  public var recurrentDropout: Float
  /// Zoneout of the hidden and of the cell state (Krueger et al. 2017).
  public var zoneout: Float = 0
  public var zoneoutCell: Float = 0
  /// P, features to which the hidden state is projected (Sak et al. 2014); nil: it is not.
  public var projectionSize: Int?
  /// Whether the state before the first step is learned.
  public var learnsInitialState = false

  public init(
    cell: EncoderKind = .lstm, hiddenSize: Int = 128, layers: Int = 1,
    directions: RecurrentDirections = .bidirectional, dropout: Float = 0,
    recurrentDropout: Float = 0
  ) {
    self.cell = cell
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.directions = directions
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
  }

  /// Features of the output: H, or P, for each direction.
  public var outputSize: Int { (projectionSize ?? hiddenSize) * directions.count }

  /// What no network can be made with, in one line that quotes it; nil when all fits.
  public var problem: String? {
    switch cell {
    case .recurrent(let cell): recurrent(inputSize: 1).problem(for: cell)
    }
  }

  /// The network with weights drawn from `generator`.
  public func network(
    inputSize: Int, using generator: inout RandomGenerator
  ) -> SequenceEncoder {
    switch cell {
    case .recurrent(let cell):
      .recurrent(RecurrentNetwork(cell, recurrent(inputSize: inputSize), using: &generator))
    }
  }

  private func recurrent(inputSize: Int) -> RecurrentConfiguration {
    RecurrentConfiguration(
      inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, directions: directions,
      dropout: dropout, recurrentDropout: recurrentDropout, zoneout: zoneout,
      zoneoutCell: zoneoutCell, projectionSize: projectionSize,
      learnsInitialState: learnsInitialState)
  }
}
