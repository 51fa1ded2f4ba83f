import Reel

/// Repeats a workload and takes its times.
struct Runner {
  let workload: Workload
  private var network: Network
  private var optimizer = Adam(learningRate: 1e-3)
  private var state: RecurrentNetwork.State?
  private var next: Int32 = 0
  /// Generates for one sequence; more go through the network together.
  private let stepper: TokenStepper?
  private let inputs: TokenSequences
  private let targets: TokenSequences
  private let classes: [Int32]

  /// Generation is timed in blocks of this many steps.
  static let block = 50

  init(_ workload: Workload) {
    self.workload = workload
    var generator = RandomGenerator(seed: 1)
    network = Network(workload, using: &generator)
    stepper =
      workload.task == .step && workload.batch == 1
      ? TokenStepper(
        embedding: network.embedding, encoder: .recurrent(network.recurrent), head: network.head)
      : nil
    inputs = workload.tokens(offset: 0)
    targets = workload.tokens(offset: 1)
    classes = (0..<workload.batch).map { Int32($0 % Workload.classes) }
  }

  struct Timing {
    /// Milliseconds of one repetition (of one step, for `step`), ascending.
    var milliseconds: [Double]
    /// Buffers that the last repetition took from the system.
    var allocations: Int
    /// Bytes in use at the highest point of a repetition.
    var peakBytes: Int
  }

  mutating func run(repeats: Int, seconds: Double) -> Timing {
    let clock = ContinuousClock()
    let each = workload.task == .step ? Self.block : 1
    for _ in 0..<3 { repeatOnce() }
    MemoryPool.resetPeak()
    var timing = Timing(milliseconds: [], allocations: 0, peakBytes: 0)
    let start = clock.now
    while timing.milliseconds.count < repeats || clock.now - start < .seconds(seconds) {
      let before = MemoryPool.statistics.bufferAllocations
      let duration = clock.measure { repeatOnce() }
      timing.allocations = MemoryPool.statistics.bufferAllocations - before
      timing.milliseconds.append(duration / .milliseconds(1) / Double(each))
    }
    timing.peakBytes = MemoryPool.statistics.peakBytes
    timing.milliseconds.sort()
    return timing
  }

  private mutating func repeatOnce() {
    switch workload.task {
    case .train: workload.isRagged ? trainOnSequences() : trainOnSteps()
    case .forward:
      if workload.isRagged {
        _ = network.sequenceLogits(inputs, directions: workload.directions)
      } else {
        _ = network.logits(inputs, state: nil)
      }
    case .step: for _ in 0..<Self.block { generateStep() }
    }
  }

  private mutating func trainOnSteps() {
    let (_, newState, gradients) = valueAndGradient(of: network) { network in
      let (logits, newState) = network.logits(inputs, state: state)
      return (crossEntropy(logits, targets), newState)
    }
    state = newState
    optimizer.update(&network, with: gradients)
  }

  private mutating func trainOnSequences() {
    let (_, gradients) = valueAndGradient(of: network) { network in
      crossEntropy(network.sequenceLogits(inputs, directions: workload.directions), classes)
    }
    optimizer.update(&network, with: gradients)
  }

  private mutating func generateStep() {
    if let stepper {
      next = Int32(stepper.scores(after: next).argumentMaximum()[0])
      return
    }
    let tokens = TokenSequences([[Int32]](repeating: [next], count: workload.batch))
    let (logits, newState) = network.logits(tokens, state: state)
    state = newState
    next = Int32(logits[0].argumentMaximum()[0])
  }
}
