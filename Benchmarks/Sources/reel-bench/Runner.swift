import Reel

/// A recurrent network at work.
struct Runner: TimedWork {
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

  var units: Int { workload.task == .step ? Self.block : 1 }

  var operations: Double { workload.operations }

  mutating func repeatOnce() {
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
