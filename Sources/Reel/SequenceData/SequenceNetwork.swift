import ReelLayers
import ReelSequence
import ReelTensor

/// An encoder, dropout of what it says, and a linear head: the network of those who write their loop
/// themselves.
///
/// ```swift
/// var network = SequenceNetwork(
///   EncoderConfiguration(cell: .gru, hiddenSize: 64, directions: .forward),
///   inputSize: AddingProblem.features, outputs: 1, using: &generator)
/// let (loss, gradients) = valueAndGradient(of: network) { network in
///   (network.last(.vectors(batch.inputs)) - batch.sums).squared().mean()
/// }
/// ```
///
/// Shapes: `encoder.…`; `head.weight` [outputs, features of the encoder], `head.bias` [outputs].
public struct SequenceNetwork: Module {
  public var encoder: SequenceEncoder
  public var head: Linear
  let dropout: Dropout

  /// - Parameters:
  ///   - inputSize: features of a time step, or the number of ids for one-hot input.
  ///   - dropout: of the encoder's output; what lies between its layers is the configuration's.
  public init(
    _ configuration: EncoderConfiguration, inputSize: Int, outputs: Int, dropout: Float = 0,
    using generator: inout RandomGenerator
  ) {
    encoder = configuration.network(inputSize: inputSize, using: &generator)
    head = Linear(configuration.outputSize, outputs, using: &generator)
    self.dropout = Dropout(dropout)
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("encoder", &encoder)
    visitor.visit("head", &head)
  }

  /// [batch, time, outputs]. With a generator, dropout is on.
  public func callAsFunction(
    _ input: SequenceInput, using generator: inout RandomGenerator?
  ) -> Sequences {
    head(dropout(encoder.output(of: input, using: &generator), using: &generator))
  }

  /// The output at the last time step of each sequence alone, [batch, outputs].
  public func last(
    _ input: SequenceInput, using generator: inout RandomGenerator?
  ) -> Tensor {
    head(dropout(encoder.lastOutput(of: input, using: &generator), using: &generator))
  }

  /// [batch, time, outputs], without dropout.
  public func callAsFunction(_ input: SequenceInput) -> Sequences {
    var none: RandomGenerator?
    return self(input, using: &none)
  }

  /// The output at the last time step of each sequence alone, [batch, outputs], without dropout.
  public func last(_ input: SequenceInput) -> Tensor {
    var none: RandomGenerator?
    return last(input, using: &none)
  }
}
