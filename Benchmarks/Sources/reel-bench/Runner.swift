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
  /// The windows one after the other; of `recomputed`, what is kept apart of the only one.
  private let segments: [Segment]
  private let classes: [Int32]
  private(set) var loss: Float?

  init(_ workload: Workload) throws {
    self.workload = workload
    var generator = RandomGenerator(seed: 1)
    network = Network(workload, using: &generator)
    try network.convertWeights(to: workload.weights)
    stepper =
      workload.task == .step && workload.batch == 1
      ? TokenStepper(
        embedding: network.embedding, encoder: .recurrent(network.recurrent), head: network.head)
      : nil
    segments = workload.segments(of: workload.window ?? workload.recomputed)
    classes = (0..<workload.batch).map { Int32($0 % Workload.classes) }
  }

  var units: Int { workload.task == .step ? workload.block : 1 }

  var operations: Double { workload.operations }

  var parameters: Int { network.parameterCount }

  mutating func repeatOnce() {
    switch workload.task {
    case .train:
      if workload.isRagged {
        trainOnSequences()
      } else if workload.recomputed != nil {
        trainRecomputing()
      } else {
        for segment in segments { train(on: segment) }
      }
    case .forward:
      if workload.isRagged {
        _ = network.sequenceLogits(segments[0].inputs, directions: workload.directions)
      } else {
        var state: RecurrentNetwork.State?
        for segment in segments { state = network.logits(segment.inputs, state: state).state }
      }
    case .step: for _ in 0..<workload.block { generateStep() }
    case .decode: preconditionFailure("a network without a decoder; see DecodingWork")
    }
  }

  private mutating func train(on segment: Segment) {
    let (value, newState, gradients) = valueAndGradient(of: network) { network in
      let (logits, newState) = network.logits(segment.inputs, state: state)
      return (crossEntropy(consume logits, segment.targets), newState)
    }
    state = newState
    loss = value.values[0]
    optimizer.update(&network, with: gradients)
  }

  private mutating func trainRecomputing() {
    let (value, newState, gradients) = network.recomputedGradients(segments, state: state)
    state = newState
    loss = value
    optimizer.update(&network, with: gradients)
  }

  private mutating func trainOnSequences() {
    let (_, gradients) = valueAndGradient(of: network) { network in
      crossEntropy(
        network.sequenceLogits(segments[0].inputs, directions: workload.directions), classes)
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
