import ReelLayers
import ReelTensor

/// A temporal convolutional network: residual blocks of two dilated convolutions over time (Bai,
/// Kolter and Koltun 2018, "An Empirical Evaluation of Generic Convolutional and Recurrent Networks
/// for Sequence Modeling").
///
/// Letters: B sequences, T time steps, k taps, C channels of a block, d = bⁱ the dilation of block i.
/// Input: sequences of [T, in]; output: sequences of [T, channels of the last block]. A convolution
/// of a causal network reads, for output t, its inputs at t, t − d, …, t − (k − 1)·d, zeros before
/// the beginning; of any other the k inputs around t (an even extent reaches one step further into
/// the future). What one output depends on is ``TCNConfiguration/receptiveField``.
///
/// Parameters and their names are those of the authors' `TemporalConvNet` (its `named_parameters`;
/// a `state_dict` of it has each tensor a second time under `net.`): `network.0.conv1.bias`,
/// `network.0.conv1.weight_g` [C, 1, 1], `network.0.conv1.weight_v` [C, in, k], the same of `conv2`,
/// and `network.0.downsample.weight` [C, in, 1] and `.bias` where in and C differ.
///
/// The dropout is of whole channels, one mask for a sequence, as the paper says (the authors' code
/// drops single values).
public struct TCN: Module {
  public let configuration: TCNConfiguration
  var blocks: [TemporalBlock]

  public init(_ configuration: TCNConfiguration, using generator: inout RandomGenerator) {
    let problem = configuration.problem
    precondition(problem == nil, "TCN: \(problem ?? "")")
    self.configuration = configuration
    var input = configuration.inputSize
    blocks = []
    for channels in configuration.channels {
      blocks.append(
        TemporalBlock(input, channels, kernel: configuration.kernelSize, using: &generator))
      input = channels
    }
  }

  public init(
    inputSize: Int, channels: [Int], kernelSize: Int = 3, dilationBase: Int = 2,
    dropout: Float = 0, isCausal: Bool = true, using generator: inout RandomGenerator
  ) {
    self.init(
      TCNConfiguration(
        inputSize: inputSize, channels: channels, kernelSize: kernelSize,
        dilationBase: dilationBase, dropout: dropout, isCausal: isCausal),
      using: &generator)
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("network", &blocks)
  }

  /// Features of the output.
  public var outputSize: Int { configuration.outputSize }

  /// Time steps that one output depends on, its own included.
  public var receptiveField: Int { configuration.receptiveField }

  /// Reads a batch for prediction: no dropout.
  ///
  /// - Returns: the output of the last block at every time step, and the state after each row's own
  ///   last step (none of a network that is not causal).
  public func callAsFunction(
    _ input: Sequences, state: State? = nil
  ) -> (output: Sequences, state: State) {
    var none: RandomGenerator?
    return self(input, state: state, using: &none)
  }

  /// Reads a batch; with a generator, dropout is on.
  ///
  /// Chunk after chunk, each with the state that the last one returned, gives what the whole
  /// sequences give.
  public func callAsFunction(
    _ input: Sequences, state: State? = nil, using generator: inout RandomGenerator?
  ) -> (output: Sequences, state: State) {
    let (output, state) = run(
      input, state: state, returnsState: configuration.isCausal, using: &generator)
    return (output, state ?? State(components: []))
  }

  /// Reads whole sequences after which nothing comes: the output of `callAsFunction` alone, without
  /// the work of a state.
  public func output(
    of input: Sequences, using generator: inout RandomGenerator?
  ) -> Sequences {
    run(input, state: nil, returnsState: false, using: &generator).output
  }

  /// The same for prediction: no dropout.
  public func output(of input: Sequences) -> Sequences {
    var none: RandomGenerator?
    return output(of: input, using: &none)
  }

  /// Reads whole sequences of which the last output alone is asked for, as a classifier does.
  ///
  /// The same numbers as `output(of:using:).last` up to the rounding of sums, and the same gradients,
  /// for less work: a block reads only those time steps of its input that the last output depends on, every
  /// bⁱ-th in block i of a causal network, and none before the receptive field. Eight blocks with b = 2 take
  /// two eighths of all steps. (Around each step, with an even kernel, distances have no common divisor, and the
  /// receptive field alone saves work.)
  ///
  /// - Returns: [batch, channels of the last block]; zeros for an empty sequence.
  public func lastOutput(
    of input: Sequences, using generator: inout RandomGenerator?
  ) -> Tensor {
    run(
      input, reaches: configuration.lastStepReaches, state: nil, returnsState: false,
      using: &generator
    ).output.last
  }

  /// The same for prediction: no dropout.
  public func lastOutput(of input: Sequences) -> Tensor {
    var none: RandomGenerator?
    return lastOutput(of: input, using: &none)
  }

  /// - Parameter reaches: what to keep at the input of each block; nil: everything.
  private func run(
    _ input: Sequences, reaches: [LastStepReach]? = nil, state: State?, returnsState: Bool,
    using generator: inout RandomGenerator?
  ) -> (output: Sequences, state: State?) {
    precondition(
      input.featureCount == configuration.inputSize,
      "TCN: input with \(input.featureCount) features, \(configuration.inputSize) expected")
    if let state { check(state, batch: input.layout.batch) }
    let hasHistory = configuration.isCausal && state != nil
    var batch = TemporalBatch(
      input, holdsRows: holdsRows, hasHistory: hasHistory, returnsState: returnsState)
    var (stride, width) = (1, configuration.inputSize)
    for (index, block) in blocks.enumerated() {
      if let reach = reaches?[index] {
        batch.keepLatest(reach.count, every: reach.stride / stride, channels: width)
        stride = reach.stride
      }
      let window = TemporalWindow(
        batch.windowLayout, kernel: configuration.kernelSize,
        dilation: configuration.dilation(ofBlock: index) / stride,
        isCausal: configuration.isCausal, hasHistory: hasHistory)
      let first = channelMask(input.layout.batch, block.outputSize, using: &generator)
      let second = channelMask(input.layout.batch, block.outputSize, using: &generator)
      var histories: (Tensor, Tensor)?
      if hasHistory, let state {
        histories = (state.components[2 * index], state.components[2 * index + 1])
      }
      batch.read(block, window, histories: histories, masks: (first, second))
      width = block.outputSize
    }
    let (output, states) = batch.finish(channels: width)
    return (output, returnsState ? State(components: states) : nil)
  }

  /// Channels from which on a batch is held as rows between the blocks, with the channels of a step
  /// side by side: the core's products then take the fewest multiplications. Few channels would leave
  /// a part of every vector empty; there the steps of a channel lie side by side, as planes.
  private static let fewestRowChannels = 64

  private var holdsRows: Bool {
    configuration.channels.allSatisfy { $0 >= Self.fewestRowChannels }
  }

  /// Factors of dropout, one for each sequence and channel; nil where nothing drops.
  private func channelMask(
    _ batch: Int, _ channels: Int, using generator: inout RandomGenerator?
  ) -> Tensor? {
    SpatialDropout(configuration.dropout).mask(
      batch: batch, channels: channels, using: &generator)
  }
}
