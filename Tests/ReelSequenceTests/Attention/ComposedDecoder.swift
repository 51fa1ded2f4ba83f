import ReelLayers
import ReelSequence
import ReelTensor

/// A decoder with attention put together from single operations, row by row and step by step: the
/// oracle of the decoder that is one node. It shares only the recurrent step with it.
struct ComposedDecoder {
  let configuration: AttentionDecoderConfiguration
  let parameters: [String: Tensor]
  let network: RecurrentNetwork

  init(_ decoder: AttentionDecoder) {
    configuration = decoder.configuration
    let c = decoder.configuration
    var parameters: [String: Tensor] = [:]
    for (path, tensor) in decoder.parameters { parameters[path] = tensor }
    self.parameters = parameters
    var generator = RandomGenerator(seed: 0)
    var network = RecurrentNetwork(
      c.cell,
      RecurrentConfiguration(
        inputSize: c.embeddingSize + c.attentionalSize, hiddenSize: c.hiddenSize,
        layers: c.layers), using: &generator)
    network.updateParameters { path, parameter in
      parameter = parameters["recurrent." + path] ?? parameter
    }
    self.network = network
  }

  private func weight(_ path: String) -> Tensor { parameters[path] ?? Tensor(zeros: [0, 0]) }

  /// - Parameter query: [1, H].
  private func attend(
    _ query: Tensor, _ memory: Tensor
  ) -> (context: Tensor, weights: Tensor) {
    guard memory.shape[0] > 0 else {
      return (Tensor(zeros: [1, memory.shape[1]]), Tensor(zeros: [1, 0]))
    }
    let scores: Tensor
    switch configuration.attention {
    case .dot: scores = .matrixProduct(query, memory, transposingB: true)
    case .general:
      let keys = Tensor.matrixProduct(memory, weight("attention.memory.weight"), transposingB: true)
      scores = .matrixProduct(query, keys, transposingB: true)
    case .additive:
      let keys = Tensor.matrixProduct(memory, weight("attention.memory.weight"), transposingB: true)
      let asked = Tensor.matrixProduct(query, weight("attention.query.weight"), transposingB: true)
      let vector = weight("attention.vector")
      scores = Tensor.matrixProduct(
        vector.reshaped([1, vector.count]), (keys + asked).tanh(), transposingB: true)
    }
    let weights = scores.softmax()
    return (.matrixProduct(weights, memory), weights)
  }

  /// One row of the batch: h̃ of every step [1, A], and the weights [1, S].
  func callAsFunction(
    _ tokens: [Int32], memory: Tensor, state: [[Tensor]], row: Int
  ) -> [(attentional: Tensor, weights: Tensor)] {
    let c = configuration
    var recurrent: RecurrentNetwork.State = network.stateNames.indices.map { component in
      .concatenated(
        state.map { $0[component].slice(row..<row + 1).reshaped([1, 1, c.hiddenSize]) })
    }
    var fed = Tensor(zeros: [1, c.attentionalSize])
    var none: RandomGenerator?
    var result: [(attentional: Tensor, weights: Tensor)] = []
    for token in tokens {
      let x = Tensor.concatenated([weight("embedding.weight").gatheredRows([token]), fed], axis: 1)
      let (output, next) = network(
        .vectors(Sequences(values: x, layout: SequenceLayout(batch: 1, length: 1))),
        state: recurrent, using: &none)
      recurrent = next
      let (context, weights) = attend(output.values, memory)
      fed = Tensor.matrixProduct(
        .concatenated([context, output.values], axis: 1), weight("combination.weight"),
        transposingB: true
      ).tanh()
      result.append((fed, weights))
    }
    return result
  }
}
