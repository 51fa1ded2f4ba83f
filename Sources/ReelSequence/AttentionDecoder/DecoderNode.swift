import ReelLayers
import ReelTensor

/// A whole teacher-forced decoder as one node of the graph.
enum DecoderNode {
  static func run<Cell: RecurrentCell>(
    _ network: Recurrent<Cell>, _ call: DecoderCall
  ) -> (attentional: Sequences, weights: AttentionWeights) {
    let layout = call.inputs.layout
    let x = call.inputs.values
    let weights = DecoderWeights(
      network, embeddingSize: call.inputs.featureCount, attention: call.attention,
      combination: call.combination)
    var watched: [Tensor?] = [
      x, call.memory.keys, call.memory.values, call.attention.vector,
      call.attention.query?.weight, call.combination,
    ]
    for (part, state) in zip(network.parts, call.state) {
      let w = part.weights
      watched += [w.input, w.hidden, w.inputBias, w.hiddenBias]
      watched += state.map { Optional($0) }
      watched += part.cell.parameters.map { Optional($0.tensor) }
    }
    let pass = DecoderPass(
      weights,
      core: AttentionCore(call.attention.kind, memory: call.memory, vector: call.attention.vector),
      layout: layout, sources: layout.order,
      start: DecoderStart(state: call.state.map { $0.map { sorted($0.detached(), layout) } }),
      masks: call.masks, keeps: watched.contains { $0?.isWatched ?? false })
    let input = x.detached()
    pass.project(input)
    pass.forward(with: DecoderProducts(weights, use: pass.use))
    let recorded = record([pass.end.output, pass.alpha], from: watched) { gradients in
      let result = pass.backward(
        input, outputGradient: gradients[0], alphaGradient: gradients[1])
      var all: [Tensor?] = [
        result.input, result.keys, result.values, result.vector, result.query,
        result.combination,
      ]
      for layer in result.layers {
        let w = layer.weights
        all += [w.input, w.hidden, w.inputBias, w.hiddenBias]
        all += layer.initial.map { unsorted($0, layout) }
        all += layer.cell.map { Optional($0) }
      }
      return all.map { tensor in tensor.map { .dense($0) } }
    }
    return (
      Sequences(values: recorded[0], layout: layout),
      AttentionWeights(values: recorded[1], offsets: pass.alphaOffsets)
    )
  }

  /// Rows of the batch in the layout's order.
  private static func sorted(_ rows: Tensor, _ layout: SequenceLayout) -> Tensor {
    layout.isInOrder ? rows : rows.gatheredRows(layout.order.map { Int32($0) })
  }

  /// Rows in the layout's order back in the order of the batch.
  private static func unsorted(_ rows: Tensor, _ layout: SequenceLayout) -> Tensor {
    layout.isInOrder ? rows : rows.gatheredRows(layout.places)
  }
}
