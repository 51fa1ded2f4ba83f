import ReelTensor

/// Which network reads a sequence, whatever its vectors are: part of the configuration of every task
/// that encodes.
public struct EncoderConfiguration: Codable, Sendable, Equatable {
  public var cell: EncoderKind
  /// H, units of each layer and direction; of a TCN the channels of each block.
  public var hiddenSize: Int
  /// Recurrent layers, or blocks of a TCN.
  public var layers: Int
  /// Which way a recurrent network reads. A TCN is causal with `.forward`; with `.bidirectional` its
  /// windows lie around each time step, and its features are no more for that.
  public var directions: RecurrentDirections
  /// Dropout between the layers (Zaremba et al. 2014), or of whole channels in the blocks of a TCN.
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
  /// k, time steps that each convolution of a TCN reads.
  public var kernelSize: Int
  /// b: in block i (from 0) of a TCN these time steps are bⁱ apart.
  public var dilationBase: Int

  public static let standardKernelSize = 3
  public static let standardDilationBase = 2

  public init(
    cell: EncoderKind = .lstm, hiddenSize: Int = 128, layers: Int = 1,
    directions: RecurrentDirections = .bidirectional, dropout: Float = 0,
    recurrentDropout: Float = 0, kernelSize: Int = standardKernelSize,
    dilationBase: Int = standardDilationBase
  ) {
    self.cell = cell
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.directions = directions
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.kernelSize = kernelSize
    self.dilationBase = dilationBase
  }

  /// Features of the output: H, or P, for each direction of a recurrent network; H of a TCN.
  public var outputSize: Int {
    switch cell {
    case .recurrent: recurrent(inputSize: 1).outputSize
    case .tcn: hiddenSize
    }
  }

  /// At which end of a sequence each feature of the output knows all of it that it will: those of a
  /// TCN, like forward ones, at the last time step.
  public var featureDirections: RecurrentDirections {
    switch cell {
    case .recurrent: directions
    case .tcn: .forward
    }
  }

  /// Time steps that one output depends on, its own included; nil where it depends on all before it.
  public var receptiveField: Int? {
    switch cell {
    case .recurrent: nil
    case .tcn: tcn(inputSize: 1).receptiveField
    }
  }

  /// The network with weights drawn from `generator`.
  public func network(
    inputSize: Int, using generator: inout RandomGenerator
  ) -> SequenceEncoder {
    switch cell {
    case .recurrent(let cell):
      .recurrent(RecurrentNetwork(cell, recurrent(inputSize: inputSize), using: &generator))
    case .tcn: .tcn(TCN(tcn(inputSize: inputSize), using: &generator))
    }
  }

  func recurrent(inputSize: Int) -> RecurrentConfiguration {
    RecurrentConfiguration(
      inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, directions: directions,
      dropout: dropout, recurrentDropout: recurrentDropout, zoneout: zoneout,
      zoneoutCell: zoneoutCell, projectionSize: projectionSize,
      learnsInitialState: learnsInitialState)
  }

  func tcn(inputSize: Int) -> TCNConfiguration {
    TCNConfiguration(
      inputSize: inputSize, channels: [Int](repeating: hiddenSize, count: max(layers, 0)),
      kernelSize: kernelSize, dilationBase: dilationBase, dropout: dropout,
      isCausal: directions == .forward)
  }
}
