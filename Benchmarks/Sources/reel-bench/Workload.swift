import Reel

/// One workload: what the command line asked for. `peers/workload.py` defines the same for the
/// peers; both must stay equal.
struct Workload {
  enum Task: String, CaseIterable { case train, forward, step, decode }

  var task: Task
  var cell: RecurrentCellKind
  var input: Int
  var hidden: Int
  var layers: Int
  var batch: Int
  var steps: Int
  var isBidirectional: Bool
  var isRagged: Bool
  var vocabulary: Int
  /// `train` and `forward` go through the time steps in windows of so many, `train` with an update
  /// after each; nil: all at once.
  var window: Int?
  /// `train` keeps the state at every so many time steps alone, and computes what lies between again
  /// on the way back; nil: keeps everything.
  var recomputed: Int?
  /// Steps of `step` in a row, timed together.
  var block = 50
  /// How `step` holds the matrices of the network.
  var weights = WeightFormat.float32

  static let classes = 2

  var directions: Int { isBidirectional ? 2 : 1 }

  var lengths: [Int] {
    isRagged
      ? (0..<batch).map { 10 + ($0 * 61 + 17) % 191 } : [Int](repeating: steps, count: batch)
  }

  func id(row: Int, time: Int) -> Int {
    (7919 * row + 104_729 * time + 13 * row * time) % vocabulary
  }

  /// - Parameter times: of all rows; nil: each row up to its length.
  func tokens(offset: Int, times: Range<Int>? = nil) -> TokenSequences {
    TokenSequences(
      lengths.enumerated().map { row, length in
        (times ?? 0..<length).map { Int32(id(row: row, time: $0 + offset)) }
      })
  }

  /// The time steps, cut after every `count`; in one piece without.
  func segments(of count: Int?) -> [Segment] {
    guard let count, count < steps else {
      return [Segment(inputs: tokens(offset: 0), targets: tokens(offset: 1))]
    }
    return stride(from: 0, to: steps, by: count).map { start in
      let times = start..<min(start + count, steps)
      return Segment(
        inputs: tokens(offset: 0, times: times), targets: tokens(offset: 1, times: times))
    }
  }

  /// Floating-point operations of the matrix products of one repetition.
  var operations: Double {
    let gates =
      switch cell {
      case .rnn, .rnnReLU: 1
      case .gru, .gruResetBefore: 3
      case .lstm, .lstmPeephole, .lstmLayerNorm: 4
      }
    let tokens = task == .step ? batch : lengths.reduce(0, +)
    let recurrent = (0..<layers).reduce(0) { sum, layer in
      let width = layer == 0 ? input : directions * hidden
      return sum + directions * gates * hidden * (width + hidden)
    }
    let head =
      2 * directions * hidden * (isRagged ? batch * Self.classes : tokens * vocabulary)
    return Double(2 * tokens * recurrent + head) * (task == .train ? 3 : 1)
  }
}

/// Embedding → recurrent layers → linear head.
struct Network: Module {
  var embedding: Embedding
  var recurrent: RecurrentNetwork
  var head: Linear

  init(_ workload: Workload, using generator: inout RandomGenerator) {
    embedding = Embedding(
      vocabulary: workload.vocabulary, dimension: workload.input, using: &generator)
    recurrent = RecurrentNetwork(
      workload.cell,
      RecurrentConfiguration(
        inputSize: workload.input, hiddenSize: workload.hidden, layers: workload.layers,
        directions: workload.isBidirectional ? .bidirectional : .forward), using: &generator)
    head = Linear(
      workload.hidden * workload.directions,
      workload.isRagged ? Workload.classes : workload.vocabulary, using: &generator)
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("recurrent", &recurrent)
    visitor.visit("head", &head)
  }

  /// Scores at every time step, and the state.
  func logits(
    _ tokens: TokenSequences, state: RecurrentNetwork.State?
  ) -> (logits: Sequences, state: RecurrentNetwork.State) {
    var none: RandomGenerator?
    let (output, state) = recurrent(.embedded(tokens, embedding), state: state, using: &none)
    return (head(output), state)
  }

  /// Scores of each sequence, from the final states of the last layer's directions.
  func sequenceLogits(_ tokens: TokenSequences, directions: Int) -> Tensor {
    var none: RandomGenerator?
    let (_, state) = recurrent(.embedded(tokens, embedding), using: &none)
    let hidden = state[0]
    let last = (0..<directions).map { direction in
      let part = hidden.shape[0] - directions + direction
      return hidden.slice(part..<part + 1).reshaped([hidden.shape[1], hidden.shape[2]])
    }
    return head(Tensor.concatenated(last, axis: 1))
  }
}
