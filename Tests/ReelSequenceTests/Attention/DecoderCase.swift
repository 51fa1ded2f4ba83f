import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport

/// A decoder with random weights, and everything that it reads, as one module: so that all of it is
/// differentiated.
struct DecoderCase: Module {
  var decoder: AttentionDecoder
  /// What the encoder would have given, of all sources one after the other.
  var encoded: Tensor
  var state: [[Tensor]]
  let sourceLengths: [Int]
  let tokens: [[Int32]]

  init(
    _ cell: RecurrentCellKind = .lstm, _ attention: AttentionKind = .general, layers: Int = 1,
    copies: Bool = false, sourceLengths: [Int] = [3, 0, 5, 1], targetLengths: [Int] = [2, 3, 4, 0],
    seed: UInt64 = 1
  ) {
    var generator = RandomGenerator(seed: seed)
    var random = TestRandom(seed)
    let hidden = 6
    let memorySize = attention == .dot ? hidden : 7
    decoder = AttentionDecoder(
      AttentionDecoderConfiguration(
        classes: 8, inputs: 9, embeddingSize: 4, cell: cell, hiddenSize: hidden, layers: layers,
        attention: attention, memorySize: memorySize, attentionalSize: 5, copies: copies),
      using: &generator)
    decoder.updateParameters { path, parameter in
      parameter = random.tensor(
        parameter.shape, in: path.hasSuffix("gain") ? 0.5...1.5 : -0.6...0.6)
    }
    let layout = SequenceLayout(lengths: sourceLengths)
    encoded = random.tensor([layout.total, memorySize])
    let names = decoder.stateNames
    state = (0..<layers).map { _ in
      names.map { _ in random.tensor([sourceLengths.count, hidden]) }
    }
    self.sourceLengths = sourceLengths
    tokens = targetLengths.map { random.ids($0, in: 0..<9) }
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("decoder", &decoder)
    visitor.visit("encoded", &encoded)
    for layer in state.indices {
      for component in state[layer].indices {
        visitor.visit("state.\(layer).\(component)", &state[layer][component])
      }
    }
  }

  var sequences: Sequences {
    Sequences(values: encoded, layout: SequenceLayout(lengths: sourceLengths))
  }

  /// h̃ and weights of every row and step, from the decoder that is one node.
  func run() -> (attentional: [[Float]], weights: [[Float]], sum: Tensor) {
    var none: RandomGenerator?
    let (attentional, weights) = decoder(
      TokenSequences(tokens), memory: decoder.memory(of: sequences), state: state, using: &none)
    var random = TestRandom(99)
    let layout = attentional.layout
    var factors: [(Tensor, Tensor)] = []
    for row in tokens.indices {
      for _ in tokens[row] {
        factors.append((random.tensor([5]), random.tensor([sourceLengths[row]])))
      }
    }
    // Factors of each step, in the order in which the steps are stored.
    var first: [Float] = []
    var second: [Float] = []
    var starts = [0]
    for row in tokens { starts.append(starts[starts.count - 1] + row.count) }
    for time in 0..<layout.longest {
      for place in 0..<layout.active[time] {
        let (a, b) = factors[starts[layout.order[place]] + time]
        first += a.values
        second += b.values
      }
    }
    let sum =
      (attentional.values * Tensor(shape: attentional.values.shape, values: first)).sum()
      + (weights.values * Tensor(shape: [second.count], values: second)).sum()
    return (
      tokens.indices.flatMap { row in
        attentional.layout.storedRows(of: row).map { stored in
          attentional.values.slice(Int(stored)..<Int(stored) + 1).values
        }
      }, tokens.indices.flatMap { Attention.weights(weights, of: $0, in: layout) }, sum
    )
  }

  /// The same from the decoder that is put together from single operations.
  func runComposed() -> (attentional: [[Float]], weights: [[Float]], sum: Tensor) {
    let composed = ComposedDecoder(decoder)
    var random = TestRandom(99)
    var sum = Tensor(0)
    var attentional: [[Float]] = []
    var weights: [[Float]] = []
    let memory = sequences
    for row in tokens.indices {
      for step in composed(tokens[row], memory: memory[row], state: state, row: row) {
        let (a, b) = (random.tensor([5]), random.tensor([sourceLengths[row]]))
        sum = sum + (step.attentional * a).sum()
        if sourceLengths[row] > 0 { sum = sum + (step.weights * b).sum() }
        attentional.append(step.attentional.values)
        weights.append(step.weights.values)
      }
    }
    return (attentional, weights, sum)
  }
}
