import Foundation
import ReelLayers
import ReelSequence
import ReelTensor

/// A recurrent network as a naive loop over Doubles: row after row, step after step, one value at
/// a time, from the equations of the papers. It shares no code with the library.
struct RecurrentOracle {
  let kind: RecurrentCellKind
  let configuration: RecurrentConfiguration
  let lengths: [Int]
  /// Under the paths of `WatchedNetwork`: every parameter, `input` [B, T, in], and `state.0`
  /// [L·D, B, P], `state.1` [L·D, B, H] if a state is passed.
  var values: [String: [Double]] = [:]
  /// Dropout factors of each layer's input [B, T, features], by layer.
  var inputMasks: [Int: [Double]] = [:]
  /// Variational dropout factors [B, P], for each layer and direction.
  var recurrentMasks: [[Double]]?
  /// Shares of the previous state that each unit keeps [B, longest, P or H], for each layer and
  /// direction and there for each component; empty: what prediction keeps.
  var zoneoutMasks: [[[Double]]] = []

  init(_ kind: RecurrentCellKind, _ configuration: RecurrentConfiguration, of model: WatchedNetwork)
  {
    self.kind = kind
    self.configuration = configuration
    lengths = model.lengths
    for (path, tensor) in model.parameters { values[path] = tensor.values.map(Double.init) }
  }

  var longest: Int { lengths.max() ?? 0 }
  var componentCount: Int { kind.rawValue.hasPrefix("lstm") ? 2 : 1 }
  private var widths: [Int] {
    (0..<componentCount).map {
      $0 == 0 ? configuration.projectionSize ?? configuration.hiddenSize : configuration.hiddenSize
    }
  }

  /// The output [B, longest, D·P], with zeros after the end of each row, and the components of
  /// the final state, [L·D, B, P] and [L·D, B, H].
  func callAsFunction() -> (output: [Double], state: [[Double]]) {
    let (batch, directions) = (lengths.count, configuration.directions.count)
    let parts = configuration.layers * directions
    let hidden = widths[0]
    var final = widths.map { [Double](repeating: 0, count: parts * batch * $0) }
    var input = values["input"]!
    var inputSize = configuration.inputSize
    var time = batch == 0 ? 0 : input.count / (batch * inputSize)
    for layer in 0..<configuration.layers {
      let outputSize = directions * hidden
      var output = [Double](repeating: 0, count: batch * longest * outputSize)
      if let mask = inputMasks[layer] { input = zip(input, mask).map(*) }
      for direction in 0..<directions {
        let isReversed = configuration.directions == .backward || direction == 1
        let part = layer * directions + direction
        let suffix = "_l\(layer)\(direction == 1 ? "_reverse" : "")"
        let weights = Weights(
          values, suffix: suffix, in: inputSize, configuration.hiddenSize)
        for row in 0..<batch {
          let places = widths.map { (part * batch + row) * $0..<(part * batch + row + 1) * $0 }
          var state = (0..<componentCount).map { component in
            values["state.\(component)"].map { Array($0[places[component]]) }
              ?? values["network.initial_\(["hidden", "cell"][component])\(suffix)"]
              ?? [Double](repeating: 0, count: widths[component])
          }
          let mask = recurrentMasks.map { Array($0[part][row * hidden..<(row + 1) * hidden]) }
          for position in 0..<lengths[row] {
            let step = isReversed ? lengths[row] - 1 - position : position
            let start = (row * time + step) * inputSize
            var new = next(state, input[start..<start + inputSize], weights, mask)
            if let projection = weights.projection {
              new[0] = Weights.affine(projection, new[0][...], nil)
            }
            state = zonedOut(from: state, to: new, part: part, at: row * longest + step)
            let target = (row * longest + step) * outputSize + direction * hidden
            output.replaceSubrange(target..<target + hidden, with: state[0])
          }
          for (component, value) in state.enumerated() {
            final[component].replaceSubrange(places[component], with: value)
          }
        }
      }
      (input, inputSize, time) = (output, outputSize, longest)
    }
    return (input, final)
  }

  /// k ⊙ s + (1 − k) ⊙ s̃ for each component; `place` is the step's place in [B, longest].
  private func zonedOut(
    from state: [[Double]], to new: [[Double]], part: Int, at place: Int
  ) -> [[Double]] {
    new.indices.map { component in
      let width = widths[component]
      let probability = component == 0 ? configuration.zoneout : configuration.zoneoutCell
      guard probability > 0 else { return new[component] }
      return (0..<width).map { unit in
        let kept =
          zoneoutMasks.isEmpty
          ? Double(probability) : zoneoutMasks[part][component][place * width + unit]
        return kept * state[component][unit] + (1 - kept) * new[component][unit]
      }
    }
  }
}

extension RecurrentOracle {
  /// The parameters of one layer in one direction.
  struct Weights {
    let inputSize: Int
    let hiddenSize: Int
    let input: [Double]
    let hidden: [Double]
    let inputBias: [Double]?
    let hiddenBias: [Double]?
    let projection: [Double]?
    /// The cell's own, by name.
    let cell: (String) -> [Double]

    init(_ values: [String: [Double]], suffix: String, in inputSize: Int, _ hiddenSize: Int) {
      self.inputSize = inputSize
      self.hiddenSize = hiddenSize
      input = values["network.weight_ih\(suffix)"]!
      hidden = values["network.weight_hh\(suffix)"]!
      inputBias = values["network.bias_ih\(suffix)"]
      hiddenBias = values["network.bias_hh\(suffix)"]
      projection = values["network.weight_hr\(suffix)"]
      cell = { values["network.cell\(suffix).\($0)"]! }
    }

    /// W_ih·x + b_ih.
    func projected(_ x: ArraySlice<Double>) -> [Double] {
      Self.affine(input, x, inputBias)
    }

    /// W_hh·h + b_hh.
    func recurrent(_ h: [Double]) -> [Double] { Self.affine(hidden, h[...], hiddenBias) }

    static func affine(_ w: [Double], _ x: ArraySlice<Double>, _ b: [Double]?) -> [Double] {
      (0..<w.count / x.count).map { row in
        var sum = b?[row] ?? 0
        for (k, value) in x.enumerated() { sum += w[row * x.count + k] * value }
        return sum
      }
    }
  }

  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// One step of one row.
  private func next(
    _ state: [[Double]], _ x: ArraySlice<Double>, _ w: Weights, _ mask: [Double]?
  ) -> [[Double]] {
    let H = w.hiddenSize
    let h = state[0]
    // Variational dropout: what the products see.
    let masked = mask.map { zip(h, $0).map(*) } ?? h
    let a = w.projected(x)
    let u = w.recurrent(masked)
    switch kind {
    case .rnn: return [(0..<H).map { tanh(a[$0] + u[$0]) }]
    case .rnnReLU: return [(0..<H).map { max(a[$0] + u[$0], 0) }]
    case .gru:
      return [
        (0..<H).map { j in
          let r = Self.sigmoid(a[j] + u[j])
          let z = Self.sigmoid(a[H + j] + u[H + j])
          let n = tanh(a[2 * H + j] + r * u[2 * H + j])
          return (1 - z) * n + z * h[j]
        }
      ]
    case .gruResetBefore:
      let reset = (0..<H).map { Self.sigmoid(a[$0] + u[$0]) * masked[$0] }
      let v = w.recurrent(reset)
      return [
        (0..<H).map { j in
          let z = Self.sigmoid(a[H + j] + u[H + j])
          return (1 - z) * tanh(a[2 * H + j] + v[2 * H + j]) + z * h[j]
        }
      ]
    case .lstm, .lstmPeephole:
      let peephole =
        kind == .lstm ? [Double](repeating: 0, count: 3 * H) : w.cell("peephole")
      var (hidden, cell) = ([Double](), [Double]())
      for j in 0..<H {
        let c = state[1][j]
        let i = Self.sigmoid(a[j] + u[j] + peephole[j] * c)
        let f = Self.sigmoid(a[H + j] + u[H + j] + peephole[H + j] * c)
        let g = tanh(a[2 * H + j] + u[2 * H + j])
        cell.append(f * c + i * g)
        let o = Self.sigmoid(a[3 * H + j] + u[3 * H + j] + peephole[2 * H + j] * cell[j])
        hidden.append(o * tanh(cell[j]))
      }
      return [hidden, cell]
    case .lstmLayerNorm:
      let fromInput = Self.normalized(a, w.cell("input_gain"))
      let fromHidden = Self.normalized(u, w.cell("recurrent_gain"))
      let (bias, cellBias) = (w.cell("bias"), w.cell("cell_bias"))
      let s = (0..<4 * H).map { fromInput[$0] + fromHidden[$0] + bias[$0] }
      let cell = (0..<H).map { j in
        Self.sigmoid(s[H + j]) * state[1][j] + Self.sigmoid(s[j]) * tanh(s[2 * H + j])
      }
      let squashed = Self.normalized(cell, w.cell("cell_gain"))
      let hidden = (0..<H).map { j in
        Self.sigmoid(s[3 * H + j]) * tanh(squashed[j] + cellBias[j])
      }
      return [hidden, cell]
    }
  }

  /// (x − μ) / √(σ² + 10⁻⁵) ⊙ gain.
  private static func normalized(_ x: [Double], _ gain: [Double]) -> [Double] {
    let mean = x.reduce(0, +) / Double(x.count)
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
    return zip(x, gain).map { ($0 - mean) / (variance + Double(Float(1e-5))).squareRoot() * $1 }
  }
}
