import Reel

/// A temporal convolutional network, a linear head, and what is done with them.
/// `peers/pytorch_convolution.py` does the same; both must stay equal.
struct TCNWork: TimedWork {
  let task: Workload.Task
  let blocks: Int
  let channels: Int
  let kernel: Int
  let length: Int
  let batch: Int
  let input: Int
  let outputs: Int
  /// Whether every time step is scored, or the last one alone.
  let isEveryStep: Bool

  private var network: Network
  private var optimizer = Adam(learningRate: 1e-3)
  private let stepper: TCNStepper
  private let inputs: Sequences
  private let step: Tensor
  private let targets: TokenSequences
  private let classes: [Int32]

  /// Steps of a stream in a row, timed together.
  private static let block = 50

  private struct Network: Module {
    var tcn: TCN
    var head: Linear

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("tcn", &tcn)
      visitor.visit("head", &head)
    }
  }

  /// - Parameter sizes: blocks and channels.
  init(
    task: Workload.Task, sizes: [Int], kernel: Int, length: Int, batch: Int, input: Int,
    outputs: Int, isEveryStep: Bool
  ) {
    self.task = task
    (blocks, channels) = (sizes[0], sizes[1])
    self.kernel = kernel
    self.length = length
    self.batch = batch
    self.input = input
    self.outputs = outputs
    self.isEveryStep = isEveryStep
    var generator = RandomGenerator(seed: 1)
    network = Network(
      tcn: TCN(
        inputSize: input, channels: [Int](repeating: channels, count: blocks), kernelSize: kernel,
        using: &generator),
      head: Linear(channels, outputs, using: &generator))
    stepper = TCNStepper(network.tcn)
    var values: [Float] = []
    for row in 0..<batch {
      for time in 0..<length {
        for feature in 0..<input {
          values.append(Float((31 * row + 17 * time + 7 * feature) % 23) / 23 - 0.5)
        }
      }
    }
    step = Tensor(shape: [input], values: values.prefix(input))
    inputs = Sequences(Tensor(shape: [batch, length, input], values: values))
    targets = TokenSequences(
      (0..<batch).map { row in
        (0..<length).map { Int32((7919 * row + 104_729 * $0 + 13 * row * $0) % outputs) }
      })
    classes = (0..<batch).map { Int32($0 % outputs) }
  }

  var units: Int { task == .step ? Self.block : 1 }

  /// Sums as they are written; of a batch whose last step alone is scored, at the steps that it depends
  /// on.
  var operations: Double {
    var (sum, width) = (0, input)
    for block in 0..<blocks {
      let ofStep =
        kernel * channels * (width + channels) + (width == channels ? 0 : width * channels)
      sum += steps(ofBlock: block) * ofStep
      width = channels
    }
    let scored = task == .step ? 1 : isEveryStep ? batch * length : batch
    return Double(2 * sum + 2 * scored * channels * outputs) * (task == .train ? 3 : 1)
  }

  /// Steps of all sequences that a block computes.
  private func steps(ofBlock block: Int) -> Int {
    guard task != .step else { return 1 }
    guard !isEveryStep else { return batch * length }
    let stride = 1 << block
    let reach = 2 * (kernel - 1) * (1 << blocks - stride)
    return batch * min((length + stride - 1) / stride, reach / stride + 1)
  }

  mutating func repeatOnce() {
    switch task {
    case .train:
      let (_, gradients) = valueAndGradient(of: network) { network in
        isEveryStep
          ? crossEntropy(network.head(network.tcn.output(of: inputs)), targets)
          : crossEntropy(network.head(network.tcn.lastOutput(of: inputs)), classes)
      }
      optimizer.update(&network, with: gradients)
    case .forward:
      if isEveryStep {
        _ = network.head(network.tcn.output(of: inputs))
      } else {
        _ = network.head(network.tcn.lastOutput(of: inputs))
      }
    case .step:
      for _ in 0..<units {
        _ = network.head(stepper.step(step).reshaped([1, channels]))
      }
    case .decode: preconditionFailure("a TCN is not a model that decodes; see DecodingWork")
    }
  }
}
