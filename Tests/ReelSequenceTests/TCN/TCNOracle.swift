import ReelLayers
import ReelSequence
import ReelTensor

/// A temporal convolutional network as naive loops over Doubles: one sequence, one time step and one
/// value at a time, from the equations. It shares no code with the library.
struct TCNOracle {
  let configuration: TCNConfiguration
  let lengths: [Int]
  /// Under the paths of `WatchedTCN`: every parameter, `input` [B, T, in], and `state.i`
  /// [B, (k − 1)·d, channels] for convolution i if a state is passed.
  var values: [String: [Double]] = [:]
  /// Dropout factors [B, channels] behind each convolution.
  var masks: [[Double]]?

  init(_ configuration: TCNConfiguration, of model: WatchedTCN) {
    self.configuration = configuration
    lengths = model.lengths
    for (path, tensor) in model.parameters { values[path] = tensor.values.map(Double.init) }
  }

  /// The output [B, longest, out], with zeros after the end of each row, and the state after it.
  func callAsFunction() -> (output: [Double], state: [[Double]]) {
    let (batch, longest) = (lengths.count, lengths.max() ?? 0)
    let inputs = values["input"] ?? []
    let padded = batch == 0 ? 0 : inputs.count / (batch * configuration.inputSize)
    var output = [Double](repeating: 0, count: batch * longest * configuration.outputSize)
    var state = [[Double]](repeating: [], count: 2 * configuration.channels.count)
    for (row, length) in lengths.enumerated() {
      var x = (0..<length).map { time -> [Double] in
        let start = (row * padded + time) * configuration.inputSize
        return Array(inputs[start..<start + configuration.inputSize])
      }
      for block in configuration.channels.indices {
        let (y, histories) = read(x, block: block, row: row)
        x = y
        for part in 0..<2 { state[2 * block + part] += histories[part].flatMap { $0 } }
      }
      for (time, values) in x.enumerated() {
        for (channel, value) in values.enumerated() {
          output[(row * longest + time) * configuration.outputSize + channel] = value
        }
      }
    }
    return (output, state)
  }

  private func read(
    _ x: [[Double]], block: Int, row: Int
  ) -> (output: [[Double]], histories: [[[Double]]]) {
    let (first, firstHistory) = activated(x, block: block, part: 0, row: row)
    let (second, secondHistory) = activated(first, block: block, part: 1, row: row)
    let path = "network.network.\(block).downsample"
    let output = zip(second, x).map { second, x -> [Double] in
      guard let weight = values["\(path).weight"], let bias = values["\(path).bias"] else {
        return zip(second, x).map { max(0, $0 + $1) }
      }
      return second.indices.map { channel in
        var sum = bias[channel]
        for input in x.indices { sum += weight[channel * x.count + input] * x[input] }
        return max(0, second[channel] + sum)
      }
    }
    return (output, [firstHistory, secondHistory])
  }

  /// dropout(relu(W ∗ x + b)), and the last (k − 1)·d inputs.
  private func activated(
    _ x: [[Double]], block: Int, part: Int, row: Int
  ) -> (output: [[Double]], history: [[Double]]) {
    let path = "network.network.\(block).conv\(part + 1)"
    let inputSize =
      part == 1
      ? configuration.channels[block]
      : block == 0 ? configuration.inputSize : configuration.channels[block - 1]
    let (outputSize, taps) = (configuration.channels[block], configuration.kernelSize)
    var dilation = 1
    for _ in 0..<block { dilation *= configuration.dilationBase }
    let extent = (taps - 1) * dilation
    let (gain, direction) = (values["\(path).weight_g"]!, values["\(path).weight_v"]!)
    let bias = values["\(path).bias"]!

    var earlier = [[Double]](
      repeating: [Double](repeating: 0, count: inputSize), count: extent)
    if let state = values["state.\(2 * block + part)"] {
      earlier = (0..<extent).map { step in
        let start = (row * extent + step) * inputSize
        return Array(state[start..<start + inputSize])
      }
    }
    // Times before the beginning are the history's; there is nothing after the end.
    func input(_ time: Int) -> [Double]? {
      if time >= x.count { return nil }
      if time >= 0 { return x[time] }
      return configuration.isCausal && time >= -extent ? earlier[extent + time] : nil
    }
    let before = configuration.isCausal ? extent : extent / 2
    let output = x.indices.map { time in
      (0..<outputSize).map { channel -> Double in
        let first = channel * inputSize * taps
        let length = direction[first..<first + inputSize * taps].reduce(0) { $0 + $1 * $1 }
          .squareRoot()
        var sum = bias[channel]
        for tap in 0..<taps {
          guard let value = input(time - before + tap * dilation) else { continue }
          for index in 0..<inputSize {
            sum +=
              gain[channel] * direction[first + index * taps + tap] / length * value[index]
          }
        }
        let mask = masks?[2 * block + part][row * outputSize + channel] ?? 1
        return max(0, sum) * mask
      }
    }
    let history = configuration.isCausal ? Array((earlier + x).suffix(extent)) : []
    return (output, history)
  }
}
