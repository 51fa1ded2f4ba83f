import ReelTensor

/// Which recurrent network reads a sequence, whatever its vectors are: part of the configuration of
/// every task that encodes.
public struct EncoderConfiguration: Codable, Sendable, Equatable {
  public var cell: RecurrentCellKind
  /// H, units of each layer and direction.
  public var hiddenSize: Int
  public var layers: Int
  public var directions: RecurrentDirections
  /// Dropout between the layers (Zaremba et al. 2014).
  public var dropout: Float
  /// Variational dropout of the hidden state (Gal and Ghahramani 2016).
  public var recurrentDropout: Float

  public init(
    cell: RecurrentCellKind = .lstm, hiddenSize: Int = 128, layers: Int = 1,
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

  /// Features of the output: H for each direction.
  public var outputSize: Int { hiddenSize * directions.count }

  /// The network with weights drawn from `generator`.
  public func network(
    inputSize: Int, using generator: inout RandomGenerator
  ) -> RecurrentNetwork {
    RecurrentNetwork(
      cell,
      RecurrentConfiguration(
        inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, directions: directions,
        dropout: dropout, recurrentDropout: recurrentDropout), using: &generator)
  }
}
