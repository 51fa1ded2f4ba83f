import ReelLayers
import ReelSequence
import ReelTensor

/// A TCN put together from single operations on rows, each with a gradient of its own: what the
/// library did before blocks were one node on planes, and shares with it only the layout.
struct ComposedTCN {
  let model: WatchedTCN

  func callAsFunction(
    using generator: RandomGenerator? = nil
  ) -> (output: Sequences, state: [Tensor]) {
    var generator = generator
    let configuration = model.network.configuration
    var parameters: [String: Tensor] = [:]
    for (path, tensor) in model.network.parameters { parameters[path] = tensor }
    let input = Sequences(model.input, lengths: model.lengths)
    let layout = input.layout
    let stepRows = (0..<layout.longest).flatMap { time in
      layout.order[..<layout.active[time]].map { Int32($0) }
    }
    var values = input.values
    var state: [Tensor] = []
    for (block, channels) in configuration.channels.enumerated() {
      let extent = configuration.historyLength(ofBlock: block)
      let hasHistory = configuration.isCausal && !model.state.isEmpty
      let before = extent / 2
      let table = layout.tapTable(
        kernel: configuration.kernelSize, dilation: configuration.dilation(ofBlock: block),
        padding: configuration.isCausal
          ? .causal : .explicit([AxisPadding(before: before, after: extent - before)]),
        history: hasHistory ? extent : 0)
      let masks = (0..<2).map { _ in
        configuration.dropout > 0
          ? generator?.dropoutMask(
            shape: [layout.batch, channels], probability: configuration.dropout) : nil
      }
      func activated(_ x: Tensor, _ part: Int) -> Tensor {
        let path = "network.\(block).conv\(part + 1)"
        var read = x
        if hasHistory && extent > 0 {
          let history = model.state[2 * block + part]
          var rows: [Int32] = []
          for step in 0..<extent { rows += layout.order.map { Int32($0 * extent + step) } }
          let flat = history.reshaped([layout.batch * extent, x.shape[1]])
          read = .concatenated([flat.gatheredRows(rows), x])
        }
        if configuration.isCausal {
          state.append(Self.last(extent, of: read, layout, hasHistory: hasHistory))
        }
        let weight = parameters["\(path).weight_v"]!.weightNormalized(
          gain: parameters["\(path).weight_g"]!)
        let y = read.convolvedRows(table, weight: weight, bias: parameters["\(path).bias"]!).relu()
        return masks[part].map { y * $0.gatheredRows(stepRows) } ?? y
      }
      let second = activated(activated(values, 0), 1)
      let path = "network.\(block).downsample"
      let shortcut =
        parameters["\(path).weight"].map { weight in
          values.affineMap(
            weight: weight.reshaped(Array(weight.shape[..<2])), bias: parameters["\(path).bias"])
        } ?? values
      values = (second + shortcut).relu()
    }
    return (Sequences(values: values, layout: layout), state)
  }

  /// The last inputs of each sequence, [batch, steps, channels].
  private static func last(
    _ steps: Int, of x: Tensor, _ layout: SequenceLayout, hasHistory: Bool
  ) -> Tensor {
    var rows: [Int32] = []
    for row in 0..<layout.batch {
      let place = Int(layout.places[row])
      for step in 0..<steps {
        let time = layout.lengths[row] - steps + step
        if time >= 0 {
          rows.append(
            Int32((hasHistory ? steps * layout.batch : 0) + layout.offsets[time] + place))
        } else {
          rows.append(hasHistory ? Int32((steps + time) * layout.batch + place) : -1)
        }
      }
    }
    return x.gatheredRows(rows).reshaped([layout.batch, steps, x.shape[1]])
  }
}
