import ReelLayers
import ReelTensor

/// Runs a trained causal network one time step at a time, for one sequence, at the cost of that
/// step's arithmetic: each convolution keeps its last inputs in a ring, nothing is allocated and
/// nothing is recorded. The outputs are those of the network on the whole sequence, up to rounding.
public final class TCNStepper {
  private var blocks: [StepBlock]
  private let configuration: TCNConfiguration
  /// Of the first convolution, for tokens: [k · in, C], made when the first token comes.
  private var columns: Tensor?
  /// One input, for the tokens that are written out.
  private var row: [Float]
  /// The output of the last block after the last step, [out]; zeros before the first. Valid until the
  /// next step.
  package private(set) var output: UnsafePointer<Float>

  /// - Parameter state: of one sequence, to start from; nil means zeros.
  public init(_ network: TCN, state: TCN.State? = nil) {
    precondition(
      network.configuration.isCausal, "TCNStepper: only a causal network can go step by step")
    configuration = network.configuration
    if let state { network.check(state, batch: 1) }
    let isShared =
      network.parameterCount * MemoryLayout<Float>.size > VectorProduct.cachedBytes
    blocks = network.blocks.enumerated().map { index, block in
      StepBlock(
        block, sharesProducts: isShared, dilation: network.configuration.dilation(ofBlock: index),
        histories: state.map { ($0.components[2 * index], $0.components[2 * index + 1]) })
    }
    row = [Float](repeating: 0, count: configuration.inputSize)
    output = blocks[blocks.count - 1].output
  }

  /// Features of the output.
  public var outputSize: Int { configuration.outputSize }

  /// The state after the last step.
  public var state: TCN.State {
    TCN.State(components: blocks.flatMap { [$0.first.history, $0.second.history] })
  }

  /// One step: x [in] → the output at this step, [out].
  public func step(_ x: Tensor) -> Tensor {
    precondition(
      x.count == configuration.inputSize,
      "TCNStepper: input of shape \(x.shape), \(configuration.inputSize) features expected")
    x.withUnsafeValues { values in
      if let base = values.baseAddress { step(base) }
    }
    return outputTensor
  }

  /// One step with a one-hot row, looked up; a negative id is a row of zeros.
  public func step(oneHot id: Int32) -> Tensor {
    step(token: id)
    return outputTensor
  }

  private var outputTensor: Tensor {
    Tensor(
      shape: [outputSize], values: UnsafeBufferPointer(start: output, count: outputSize))
  }

  /// One step from `inputSize` values; the result is in `output`.
  package func step(_ x: UnsafePointer<Float>) {
    blocks[0].first.push(x, id: StepConvolution.unknown)
    finishStep(columns: nil, input: x)
  }

  /// One step with a one-hot row; the result is in `output`.
  package func step(token id: Int32) {
    precondition(
      id < configuration.inputSize, "TCNStepper: token \(id) of \(configuration.inputSize)")
    let columns = columns ?? blocks[0].first.columns
    self.columns = columns
    let id = max(id, StepConvolution.zeros)
    row.withUnsafeMutableBufferPointer { row in
      guard let base = row.baseAddress else { return }
      if id >= 0 { base[Int(id)] = 1 }
      blocks[0].first.push(base, id: id)
      finishStep(columns: columns, input: base)
      if id >= 0 { base[Int(id)] = 0 }
    }
  }

  /// The first block's first convolution holds its input already.
  private func finishStep(columns: Tensor?, input: UnsafePointer<Float>) {
    var below = blocks[0].step(input, columns: columns)
    for index in 1..<max(blocks.count, 1) {
      blocks[index].first.push(below, id: StepConvolution.unknown)
      below = blocks[index].step(below, columns: nil)
    }
    output = below
  }
}

/// One block with its buffers.
private struct StepBlock {
  var first: StepConvolution
  var second: StepConvolution
  private let downsample: TemporalBlock.Downsample?
  private let inputSize: Int
  private let outputSize: Int
  private let storage: Storage
  private let hidden: UnsafeMutablePointer<Float>
  private let result: UnsafeMutablePointer<Float>
  private let shortcut: UnsafeMutablePointer<Float>

  init(
    _ block: TemporalBlock, sharesProducts: Bool, dilation: Int, histories: (Tensor, Tensor)?
  ) {
    first = StepConvolution(
      block.conv1, sharesProducts: sharesProducts, dilation: dilation, history: histories?.0)
    second = StepConvolution(
      block.conv2, sharesProducts: sharesProducts, dilation: dilation, history: histories?.1)
    downsample = block.downsample
    inputSize = first.inputSize
    outputSize = second.outputSize
    storage = Storage(count: 3 * outputSize)
    storage.pointer.update(repeating: 0, count: storage.count)
    hidden = storage.pointer
    result = hidden + outputSize
    shortcut = result + outputSize
  }

  var output: UnsafePointer<Float> { UnsafePointer(result) }

  /// - Parameter x: the input, which `first` holds already.
  mutating func step(_ x: UnsafePointer<Float>, columns: Tensor?) -> UnsafePointer<Float> {
    first.rectified(into: hidden, columns: columns)
    second.push(hidden, id: StepConvolution.unknown)
    second.rectified(into: result, columns: nil)
    if let downsample {
      VectorProduct.compute(
        rows: outputSize, columns: inputSize, downsample.weight.storage, x,
        bias: downsample.bias.storage.pointer, into: shortcut, accumulate: false, isShared: false)
      kernels.add(outputSize, result, shortcut, result)
    } else {
      kernels.add(outputSize, result, x, result)
    }
    kernels.rectify(outputSize, result, result)
    return UnsafePointer(result)
  }
}

/// One convolution with the ring of its last inputs.
private struct StepConvolution {
  /// In the place of a token's id: a row of zeros, and a row of any values.
  static let zeros: Int32 = -1
  static let unknown: Int32 = -2

  let inputSize: Int
  let outputSize: Int
  private let taps: Int
  private let dilation: Int
  /// (k − 1)·d + 1 inputs.
  private let slots: Int
  /// Where the newest input is.
  private var newest: Int
  /// What is known of each input in the ring.
  private var ids: [Int32]
  /// [out, k · in], the taps in the order of time.
  private let weight: Tensor
  private let bias: Tensor
  private let sharesProducts: Bool
  private let storage: Storage
  private let ring: UnsafeMutablePointer<Float>
  private let window: UnsafeMutablePointer<Float>

  init(
    _ convolution: TemporalConvolution, sharesProducts: Bool, dilation: Int, history: Tensor?
  ) {
    self.sharesProducts = sharesProducts
    let weight = convolution.weight.detached()
    let (outputs, inputs, taps) = (weight.shape[0], weight.shape[1], weight.shape[2])
    (inputSize, outputSize, self.taps, self.dilation) = (inputs, outputs, taps, dilation)
    slots = (taps - 1) * dilation + 1
    newest = slots - 2
    bias = convolution.bias
    self.weight = Tensor.build(shape: [outputs, taps * inputs]) { target in
      weight.withUnsafeValues { source in
        for output in 0..<outputs {
          for input in 0..<inputs {
            for tap in 0..<taps {
              target[(output * taps + tap) * inputs + input] =
                source[(output * inputs + input) * taps + tap]
            }
          }
        }
      }
    }
    ids = [Int32](repeating: history == nil ? Self.zeros : Self.unknown, count: slots)
    let buffer = Storage(count: (slots + taps) * inputs)
    buffer.pointer.update(repeating: 0, count: buffer.count)
    history?.withUnsafeValues { values in
      if let base = values.baseAddress { buffer.pointer.update(from: base, count: values.count) }
    }
    storage = buffer
    ring = buffer.pointer
    window = buffer.pointer + slots * inputs
  }

  /// The last (k − 1)·d inputs, [1, (k − 1)·d, in].
  var history: Tensor {
    Tensor.build(shape: [1, slots - 1, inputSize]) { target in
      guard let base = target.baseAddress else { return }
      for step in 0..<slots - 1 {
        let slot = (newest + 2 + step) % slots
        (base + step * inputSize).update(from: ring + slot * inputSize, count: inputSize)
      }
    }
  }

  /// [k · in, out]: what each value of each tap adds to the output.
  var columns: Tensor { weight.transposed() }

  mutating func push(_ x: UnsafePointer<Float>, id: Int32) {
    newest = newest + 1 == slots ? 0 : newest + 1
    (ring + newest * inputSize).update(from: x, count: inputSize)
    ids[newest] = id
  }

  /// relu(W ∗ x + b) at the newest input.
  func rectified(into y: UnsafeMutablePointer<Float>, columns: Tensor?) {
    // The oldest tap is one slot behind the newest.
    var slot = newest + 1 == slots ? 0 : newest + 1
    if let columns, addColumns(columns, from: slot, to: y) {
      kernels.rectify(outputSize, y, y)
      return
    }
    for tap in 0..<taps {
      (window + tap * inputSize).update(from: ring + slot * inputSize, count: inputSize)
      slot += dilation
      if slot >= slots { slot -= slots }
    }
    VectorProduct.compute(
      rows: outputSize, columns: taps * inputSize, weight.storage, window,
      bias: bias.storage.pointer, into: y, accumulate: false,
      isShared: sharesProducts)
    kernels.rectify(outputSize, y, y)
  }

  /// Bias and one column for each tap, where all taps are known to be one-hot.
  private func addColumns(
    _ columns: Tensor, from oldest: Int, to y: UnsafeMutablePointer<Float>
  ) -> Bool {
    var slot = oldest
    for _ in 0..<taps {
      if ids[slot] == Self.unknown { return false }
      slot = (slot + dilation) % slots
    }
    y.update(from: bias.storage.pointer, count: outputSize)
    slot = oldest
    for tap in 0..<taps {
      if ids[slot] >= 0 {
        let row = tap * inputSize + Int(ids[slot])
        kernels.add(outputSize, y, columns.storage.pointer + row * outputSize, y)
      }
      slot = (slot + dilation) % slots
    }
    return true
  }
}
