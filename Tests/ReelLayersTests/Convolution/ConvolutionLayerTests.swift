import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

/// Settings of a layer over any number of axes.
struct LayerCase: Sendable, CustomTestStringConvertible {
  var input: [Int]  // [batch, channel, size…]
  var output: Int
  var kernel: [Int]
  var stride: [Int]?
  var dilation: [Int]?
  var padding: ConvolutionPadding = .valid
  var outputPadding: [Int]?
  var groups = 1
  var bias = true
  var normalized = false

  var testDescription: String {
    "\(input) → \(output), kernel \(kernel), stride \(stride ?? []), dilation \(dilation ?? []), "
      + "padding \(padding), output padding \(outputPadding ?? []), groups \(groups), "
      + "normalized \(normalized)"
  }

  static let all: [LayerCase] = [
    LayerCase(input: [2, 3, 7], output: 4, kernel: [3]),
    LayerCase(input: [2, 4, 9], output: 6, kernel: [2], stride: [3], padding: .causal, groups: 2),
    LayerCase(
      input: [3, 2, 8], output: 3, kernel: [4], dilation: [2], padding: .same, normalized: true),
    LayerCase(input: [0, 2, 8], output: 3, kernel: [3]),
    LayerCase(input: [2, 3, 6, 5], output: 2, kernel: [3, 2], padding: .both([1, 0])),
    LayerCase(
      input: [2, 4, 7, 8], output: 4, kernel: [3, 3], stride: [2, 1], dilation: [1, 2],
      padding: .same, groups: 4, bias: false, normalized: true),
    LayerCase(input: [1, 3, 4, 4], output: 5, kernel: [1, 1], normalized: true),
    LayerCase(
      input: [2, 2, 4, 3, 5], output: 3, kernel: [2, 3, 2], stride: [1, 2, 1],
      padding: .explicit([
        AxisPadding(before: 1, after: 0), AxisPadding(before: 1, after: 1),
        AxisPadding(before: 0, after: 2),
      ])),
  ]

  static let transposed: [LayerCase] = [
    LayerCase(input: [2, 3, 5], output: 4, kernel: [3]),
    LayerCase(
      input: [2, 4, 4], output: 6, kernel: [4], stride: [3], padding: .both([1]),
      outputPadding: [2], groups: 2, normalized: true),
    LayerCase(input: [2, 2, 6], output: 3, kernel: [3], dilation: [2], padding: .causal),
    LayerCase(input: [0, 2, 6], output: 3, kernel: [3]),
    LayerCase(input: [2, 3, 4, 5], output: 2, kernel: [2, 2], stride: [2, 2]),
    LayerCase(
      input: [1, 4, 3, 4], output: 4, kernel: [3, 2], stride: [2, 1], padding: .same, groups: 4,
      bias: false, normalized: true),
    LayerCase(
      input: [1, 2, 2, 3, 2], output: 2, kernel: [3, 2, 2], stride: [2, 1, 2],
      padding: .both([1, 0, 0]), outputPadding: [1, 0, 1]),
  ]

  /// The oracle's settings.
  func exact(_ geometry: ConvolutionGeometry) -> ReelTestSupport.ConvolutionSettings {
    ReelTestSupport.ConvolutionSettings(
      stride: geometry.stride, dilation: geometry.dilation,
      before: geometry.padding.map(\.before), after: geometry.padding.map(\.after),
      groups: groups)
  }
}

/// v scaled to length g for each position of the first axis.
private func normalized(_ v: DoubleTensor, _ g: DoubleTensor) -> DoubleTensor {
  let columns = v.count / max(v.shape[0], 1)
  return DoubleTensor(
    v.shape,
    v.values.indices.map { index in
      let row = index / columns
      let norm = v.values[row * columns..<(row + 1) * columns].reduce(0) { $0 + $1 * $1 }
      return g.values[row] * v.values[index] / norm.squareRoot()
    })
}

@Suite struct ConvolutionLayerTests {
  /// Holds a layer against the oracle: value, and gradients in the input and every parameter.
  private func check<M: Module>(
    _ what: String, _ layer: M, _ x: Tensor, tolerance: Double = 3e-5,
    apply: (M, Tensor) -> Tensor,
    oracle: (_ x: DoubleTensor, _ weight: DoubleTensor, _ bias: DoubleTensor?) -> DoubleTensor
  ) -> [String] {
    let parameters = layer.parameters
    let paths = parameters.map(\.path)
    return visitingProblems(of: layer)
      + problems(
        what, [x] + parameters.map(\.tensor), tolerance: tolerance, samples: 20,
        operation: { inputs in
          var copy = layer
          var next = 0
          copy.updateParameters { _, parameter in
            next += 1
            parameter = inputs[next]
          }
          return apply(copy, inputs[0])
        },
        oracle: { inputs in
          func value(_ path: String) -> DoubleTensor? {
            paths.firstIndex(of: path).map { inputs[$0 + 1] }
          }
          let weight =
            value("weight") ?? normalized(value("weight_v")!, value("weight_g")!)
          return oracle(inputs[0], weight, value("bias"))
        })
  }

  private func withBias<M: Module>(_ layer: M) -> M {
    var (layer, random) = (layer, TestRandom(71))
    layer.updateParameters { path, parameter in
      if path != "weight_v" { parameter = random.tensor(parameter.shape, avoidingZero: true) }
    }
    return layer
  }

  private func convolution<Axes: ConvolutionAxes>(_ test: LayerCase, _: Axes.Type) throws
    -> [String]
  {
    var (generator, random) = (RandomGenerator(seed: 3), TestRandom(70))
    let layer = withBias(
      try ConvolutionLayer<Axes>(
        test.input[1], test.output, kernel: test.kernel, stride: test.stride,
        dilation: test.dilation, padding: test.padding, groups: test.groups, bias: test.bias,
        normalizesWeight: test.normalized, using: &generator))
    let x = random.tensor(test.input)
    let geometry = try ConvolutionGeometry(
      input: Array(test.input[2...]), kernel: test.kernel, stride: test.stride,
      dilation: test.dilation, padding: test.padding)
    #expect(try layer.outputSize(Array(test.input[2...])) == geometry.output)
    #expect(layer.inputChannels == test.input[1] && layer.outputChannels == test.output)
    #expect(layer(FeatureMaps(x)).tensor == layer(x))
    return check(
      "Convolution", layer, x, apply: { $0($1) },
      oracle: { $0.convolved($1, $2, test.exact(geometry)) })
  }

  @Test(arguments: LayerCase.all) func againstTheOracle(test: LayerCase) throws {
    let found =
      switch test.kernel.count {
      case 1: try convolution(test, OneAxis.self)
      case 2: try convolution(test, TwoAxes.self)
      default: try convolution(test, ThreeAxes.self)
      }
    #expect(found == [])
  }

  private func transposed<Axes: ConvolutionAxes>(_ test: LayerCase, _: Axes.Type) throws
    -> [String]
  {
    var (generator, random) = (RandomGenerator(seed: 3), TestRandom(72))
    let layer = withBias(
      try TransposedConvolutionLayer<Axes>(
        test.input[1], test.output, kernel: test.kernel, stride: test.stride,
        dilation: test.dilation, padding: test.padding, outputPadding: test.outputPadding,
        groups: test.groups, bias: test.bias, normalizesWeight: test.normalized,
        using: &generator))
    let x = random.tensor(test.input)
    let geometry = try ConvolutionGeometry(
      transposing: Array(test.input[2...]), kernel: test.kernel, stride: test.stride,
      dilation: test.dilation, padding: test.padding, outputPadding: test.outputPadding)
    #expect(try layer.outputSize(Array(test.input[2...])) == geometry.input)
    #expect(layer.inputChannels == test.input[1] && layer.outputChannels == test.output)
    #expect(layer(FeatureMaps(x)).tensor == layer(x))
    return check(
      "TransposedConvolution", layer, x, apply: { $0($1) },
      oracle: { $0.transposedConvolved($1, $2, test.exact(geometry), output: geometry.input) })
  }

  @Test(arguments: LayerCase.transposed) func transposedAgainstTheOracle(test: LayerCase) throws {
    let found =
      switch test.kernel.count {
      case 1: try transposed(test, OneAxis.self)
      case 2: try transposed(test, TwoAxes.self)
      default: try transposed(test, ThreeAxes.self)
      }
    #expect(found == [])
  }

  // MARK: Sequences

  static let sequenceCases: [LayerCase] = [
    LayerCase(input: [3], output: 4, kernel: [3], padding: .causal),
    LayerCase(input: [4], output: 2, kernel: [2], dilation: [3], padding: .causal, groups: 2),
    LayerCase(input: [2], output: 3, kernel: [4], padding: .same, normalized: true),
    LayerCase(input: [3], output: 2, kernel: [3]),
    LayerCase(input: [3], output: 2, kernel: [3], stride: [2], padding: .same),
    LayerCase(
      input: [2], output: 2, kernel: [2], stride: [3],
      padding: .explicit([AxisPadding(before: 1, after: 2)])),
  ]

  /// Every sequence as if it were alone: outputs and gradients of the batch are those of one
  /// convolution after the other, and nothing behind a sequence's end is read.
  @Test(arguments: batches, sequenceCases)
  func raggedBatches(lengths: [Int], test: LayerCase) throws {
    var (generator, random) = (RandomGenerator(seed: 5), TestRandom(73))
    let layer = withBias(
      try Convolution1D(
        test.input[0], test.output, kernel: test.kernel, stride: test.stride,
        dilation: test.dilation, padding: test.padding, groups: test.groups,
        normalizesWeight: test.normalized, using: &generator))
    var x = random.tensor([lengths.count, (lengths.max() ?? 0) + 1, test.input[0]])
    x.withMutableValues { values in
      let width = test.input[0]
      let row = values.count / max(lengths.count, 1)
      for (index, length) in lengths.enumerated() {
        for place in length * width..<row { values[index * row + place] = .nan }
      }
    }
    let y = layer(Sequences(x, lengths: lengths))
    for (row, length) in lengths.enumerated() {
      let size = length > 0 ? (try? layer.outputSize([length])) ?? [0] : [0]
      #expect(y.lengths[row] == size[0])
      guard size[0] > 0 else { continue }
      let own = x.slice(row..<row + 1).reshaped([x.shape[1], test.input[0]]).slice(0..<length)
      let alone = layer(own.transposed().reshaped([1, test.input[0], length]))
      let wanted = alone.reshaped([test.output, size[0]]).transposed()
      #expect(difference(y[row], DoubleTensor(wanted), tolerance: 1e-5, what: "row \(row)") == nil)
    }

    // The gradient of the sum of squares, row by row.
    let rows = lengths.indices.filter { y.lengths[$0] > 0 }
    guard !rows.isEmpty else { return }
    let together = valueAndGradient(of: layer) { layer in
      layer(Sequences(x, lengths: lengths)).padded().squared().sum()
    }.gradients
    var sums = layer.parameters.map { DoubleTensor($0.tensor.shape) { _ in 0 } }
    for row in rows {
      let length = lengths[row]
      let own = x.slice(row..<row + 1).reshaped([x.shape[1], test.input[0]]).slice(0..<length)
      let maps = own.transposed().reshaped([1, test.input[0], length])
      let alone = valueAndGradient(of: layer) { $0(maps).squared().sum() }.gradients
      for (index, entry) in alone.entries.enumerated() {
        if let gradient = entry.gradient {
          sums[index] = sums[index] + DoubleTensor(gradient.tensor)
        }
      }
    }
    for (entry, sum) in zip(together.entries, sums) {
      let gradient = try #require(entry.gradient).tensor
      #expect(difference(gradient, sum, tolerance: 2e-5, what: entry.path) == nil)
    }
  }

  static let transposedSequenceCases: [LayerCase] = [
    LayerCase(input: [3], output: 4, kernel: [3]),
    LayerCase(input: [4], output: 2, kernel: [4], stride: [2], padding: .both([1]), groups: 2),
    LayerCase(input: [2], output: 3, kernel: [3], stride: [2], padding: .same, normalized: true),
    LayerCase(
      input: [2], output: 3, kernel: [2], stride: [3], padding: .both([1]), outputPadding: [2]),
    LayerCase(input: [3], output: 2, kernel: [3], dilation: [2], padding: .causal),
    LayerCase(input: [3], output: 2, kernel: [2], padding: .both([1])),
  ]

  @Test(arguments: batches, transposedSequenceCases)
  func raggedTransposedBatches(lengths: [Int], test: LayerCase) throws {
    var (generator, random) = (RandomGenerator(seed: 5), TestRandom(74))
    let layer = withBias(
      try TransposedConvolution1D(
        test.input[0], test.output, kernel: test.kernel, stride: test.stride,
        dilation: test.dilation, padding: test.padding, outputPadding: test.outputPadding,
        groups: test.groups, normalizesWeight: test.normalized, using: &generator))
    let x = random.tensor([lengths.count, lengths.max() ?? 0, test.input[0]])
    let sequences = Sequences(x, lengths: lengths)
    let (_, y, gradients) = valueAndGradient(at: [x]) { x in
      let y = layer(Sequences(x[0], lengths: lengths)).padded()
      return (y.squared().sum(), y)
    }
    let plain = layer(sequences)
    #expect(y == plain.padded())
    for (row, length) in lengths.enumerated() {
      let size = length > 0 ? (try? layer.outputSize([length])) ?? [0] : [0]
      #expect(plain.lengths[row] == size[0])
      guard size[0] > 0 else { continue }
      let own = sequences[row].transposed().reshaped([1, test.input[0], length])
      let (_, alone, ownGradients) = valueAndGradient(at: [own]) { own in
        let y = layer(own[0])
        return (y.squared().sum(), y)
      }
      let wanted = alone.reshaped([test.output, size[0]]).transposed()
      #expect(
        difference(plain[row], DoubleTensor(wanted), tolerance: 1e-5, what: "row \(row)") == nil)
      let came = try #require(gradients[0]?.tensor).slice(row..<row + 1)
        .reshaped([x.shape[1], test.input[0]]).slice(0..<length)
      let expected = try #require(ownGradients[0]?.tensor).reshaped([test.input[0], length])
        .transposed()
      #expect(
        difference(came, DoubleTensor(expected), tolerance: 2e-5, what: "gradient \(row)") == nil)
    }
  }

  @Test func threadsChangeNoBit() throws {
    var (generator, random) = (RandomGenerator(seed: 6), TestRandom(75))
    let layer = try Convolution1D(
      12, 20, kernel: 3, dilation: 2, padding: .causal, normalizesWeight: true, using: &generator)
    let lengths = [200, 17, 0, 131, 64]
    let x = random.tensor([5, 200, 12])
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        let (_, y, gradients) = valueAndGradient(of: layer) { layer in
          let y = layer(Sequences(x, lengths: lengths)).padded()
          return (y.squared().sum(), y)
        }
        return [bits(y)] + gradients.entries.map { $0.gradient.map { bits($0.tensor) } ?? [] }
      }
    }
    let one = run(1)
    #expect(run(2) == one)
    #expect(run(3) == one)
  }
}
