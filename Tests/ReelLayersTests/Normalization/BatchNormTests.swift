import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

extension DoubleTensor {
  /// Batch normalization of rows [n, channels] with their own statistics, divided by n.
  fileprivate func batchNormalized(
    gain: DoubleTensor, bias: DoubleTensor, epsilon: Double
  ) -> DoubleTensor {
    let (rows, columns) = (shape[0], shape[1])
    var result = self
    for column in 0..<columns {
      let places = (0..<rows).map { $0 * columns + column }
      let mean = places.reduce(0) { $0 + values[$1] } / Double(rows)
      let variance =
        places.reduce(0) { $0 + (values[$1] - mean) * (values[$1] - mean) } / Double(rows)
      for place in places {
        result.values[place] =
          (values[place] - mean) / (variance + epsilon).squareRoot() * gain.values[column]
          + bias.values[column]
      }
    }
    return result
  }
}

@Suite struct BatchNormTests {
  private func layer(_ channels: Int, epsilon: Float = 1e-5) -> BatchNorm {
    var random = TestRandom(UInt64(channels) + 400)
    var layer = BatchNorm(channels, epsilon: epsilon)
    layer.weight = random.tensor([channels], avoidingZero: true)
    layer.bias = random.tensor([channels])
    layer.runningMean = random.tensor([channels])
    layer.runningVariance = random.tensor([channels], in: 0.5...2)
    return layer
  }

  @Test func startsAsTheIdentity() {
    let layer = BatchNorm(3)
    #expect(layer.weight.values == [1, 1, 1] && layer.bias.values == [0, 0, 0])
    #expect(layer.runningMean.values == [0, 0, 0] && layer.runningVariance.values == [1, 1, 1])
    #expect(layer.parameters.map(\.path) == ["weight", "bias"])
    #expect(layer.buffers.map(\.path) == ["running_mean", "running_var"])
    #expect(
      layer.savedTensors.map(\.path) == ["weight", "bias", "running_mean", "running_var"])
    #expect(layer.parameterCount == 6)
    #expect(visitingProblems(of: layer) == [])
  }

  @Test(arguments: [[2, 1], [5, 3], [300, 4], [64, 40], [70, 1100]])
  func ownStatistics(shape: [Int]) {
    var random = TestRandom(UInt64(shape[0]))
    let layer = layer(shape[1], epsilon: 0.01)
    let found = problems(
      "BatchNorm", [random.tensor(shape), layer.weight, layer.bias], samples: 24,
      operation: { x in
        var (copy, statistics) = (layer, BatchStatistics() as BatchStatistics?)
        (copy.weight, copy.bias) = (x[1], x[2])
        return copy(x[0], statistics: &statistics)
      },
      oracle: { $0[0].batchNormalized(gain: $0[1], bias: $0[2], epsilon: Double(Float(0.01))) })
    #expect(found == [])
  }

  @Test(arguments: [[0, 3], [1, 3], [5, 3], [300, 17]])
  func movingStatistics(shape: [Int]) {
    var random = TestRandom(UInt64(shape[0]))
    let layer = layer(shape[1])
    let (mean, variance) = (
      DoubleTensor(layer.runningMean), DoubleTensor(layer.runningVariance)
    )
    let found = problems(
      "BatchNorm", [random.tensor(shape), layer.weight, layer.bias],
      operation: { x in
        var copy = layer
        (copy.weight, copy.bias) = (x[1], x[2])
        return copy(x[0])
      },
      oracle: { x in
        DoubleTensor(shape) { index in
          let c = index[1]
          return (x[0][index] - mean.values[c])
            / (variance.values[c] + Double(Float(1e-5))).squareRoot() * x[1].values[c]
            + x[2].values[c]
        }
      })
    #expect(found == [])
  }

  /// Float would lose most digits of a variance that is small beside the mean.
  @Test func aMeanFarFromZero() {
    var random = TestRandom(7)
    let x = random.tensor([1000, 3]) + 300
    var statistics: BatchStatistics? = BatchStatistics()
    let layer = layer(3)
    let expected = DoubleTensor(x).batchNormalized(
      gain: DoubleTensor(layer.weight), bias: DoubleTensor(layer.bias), epsilon: 1e-5)
    #expect(
      difference(layer(x, statistics: &statistics), expected, tolerance: 1e-5, what: "y") == nil)
  }

  /// Channels first and last, one to three axes, and the rows themselves.
  @Test(arguments: [[4], [3, 5], [2, 3, 2]])
  func everyArrangement(size: [Int]) {
    var random = TestRandom(8)
    let x = random.tensor([3, 6] + size)
    let layer = layer(6)
    for trains in [true, false] {
      func apply<R>(_ call: (inout BatchStatistics?) -> R) -> (R, BatchStatistics?) {
        var statistics: BatchStatistics? = trains ? BatchStatistics() : nil
        return (call(&statistics), statistics)
      }
      let (rows, seen) = apply { layer(FeatureMaps(x).values, statistics: &$0) }
      let (maps, seenInMaps) = apply { layer(FeatureMaps(x), statistics: &$0) }
      let (tensor, _) = apply { layer(x, statistics: &$0) }
      #expect(maps.values == rows && maps.size == size && maps.batch == 3)
      #expect(tensor == maps.tensor && tensor.shape == x.shape)
      var (one, other) = (layer, layer)
      one.update(with: seen)
      other.update(with: seenInMaps)
      #expect(one.runningMean == other.runningMean)
      #expect((one.runningMean == layer.runningMean) == !trains)
    }
  }

  /// Steps that are not there count nowhere: not in the result, not in the moving statistics.
  @Test(arguments: batches) func raggedBatches(lengths: [Int]) {
    var random = TestRandom(9)
    let longest = lengths.max() ?? 0
    let x = random.tensor([lengths.count, longest + 2, 4])
    let sequences = Sequences(x, lengths: lengths)
    let layer = layer(4)
    var statistics: BatchStatistics? = BatchStatistics()
    let y = layer(sequences, statistics: &statistics)
    var here: [Float] = []
    for (row, length) in lengths.enumerated() {
      for time in 0..<length { here += (0..<4).map { x[row, time, $0] } }
    }
    let rows = DoubleTensor([here.count / 4, 4], here.map(Double.init))
    let expected = rows.batchNormalized(
      gain: DoubleTensor(layer.weight), bias: DoubleTensor(layer.bias), epsilon: 1e-5)
    let parts = lengths.indices.filter { lengths[$0] > 0 }.map { y[$0] }
    if !parts.isEmpty {
      #expect(
        difference(
          Tensor.concatenated(parts), expected, tolerance: 2e-5, what: "ragged") == nil)
    }
    #expect(statistics?.isEmpty == (rows.shape[0] < 2))
    #expect(y.layout == sequences.layout)
    #expect(layer(sequences).layout == sequences.layout)
  }

  @Test func theMovingStatisticsMove() {
    var random = TestRandom(10)
    var layer = layer(2)
    let (mean, variance) = (layer.runningMean.values, layer.runningVariance.values)
    let x = random.tensor([5, 2])
    var statistics: BatchStatistics? = BatchStatistics()
    _ = layer(x, statistics: &statistics)
    #expect(layer.runningMean.values == mean)
    layer.update(with: statistics, momentum: 0.3)
    for c in 0..<2 {
      let column = (0..<5).map { x[$0, c] }
      let own = column.reduce(0, +) / 5
      let square = column.reduce(0) { $0 + ($1 - own) * ($1 - own) } / 4
      #expect(abs(layer.runningMean[c] - (0.7 * mean[c] + 0.3 * own)) < 1e-6)
      #expect(abs(layer.runningVariance[c] - (0.7 * variance[c] + 0.3 * square)) < 1e-6)
    }
    let moved = layer
    layer.update(with: nil)
    layer.update(with: BatchStatistics())
    #expect(layer.runningMean == moved.runningMean)
  }

  @Test func aSingleRowTeachesNothing() {
    let layer = layer(3)
    var statistics: BatchStatistics? = BatchStatistics()
    let y = layer(Tensor(repeating: 5, shape: [1, 3]), statistics: &statistics)
    #expect(
      difference(y, DoubleTensor(layer.bias.reshaped([1, 3])), tolerance: 0, what: "y") == nil)
    #expect(layer(Tensor(zeros: [0, 3]), statistics: &statistics).shape == [0, 3])
    #expect(statistics?.isEmpty == true)
  }

  private struct Net: Module {
    var norms: [BatchNorm]
    var last: BatchNorm?

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("last", &last)
      visitor.visit("norms", &norms)
    }

    /// The layers are called in another order than they are visited, the first one twice.
    func callAsFunction(_ x: Tensor, statistics: inout BatchStatistics?) -> Tensor {
      var y = x
      for (index, norm) in norms.enumerated() {
        y = norm(y * Float(index + 2) + 1, statistics: &statistics)
      }
      y = norms[0](y + 3, statistics: &statistics)
      return last?(y, statistics: &statistics) ?? y
    }
  }

  @Test func eachLayerGetsItsOwn() {
    var random = TestRandom(11)
    let x = random.tensor([6, 2])
    var net = Net(norms: [layer(2), layer(2)], last: layer(2))
    net.norms[1].bias = Tensor(shape: [2], values: [4, -4])
    var statistics: BatchStatistics? = BatchStatistics()
    let (value, gradients) = valueAndGradient(of: net) { net in
      net(x, statistics: &statistics).squared().sum()
    }
    #expect(value.scalar.isFinite)
    #expect(
      gradients.entries.map(\.path) == [
        "last.weight", "last.bias", "norms.0.weight", "norms.0.bias", "norms.1.weight",
        "norms.1.bias",
      ])
    var expected = net
    // By hand, one layer after the other.
    func seen(_ layer: BatchNorm, _ x: Tensor) -> (Tensor, BatchStatistics?) {
      var statistics: BatchStatistics? = BatchStatistics()
      return (layer(x, statistics: &statistics), statistics)
    }
    let (first, a) = seen(net.norms[0], x * 2 + 1)
    let (second, b) = seen(net.norms[1], first * 3 + 1)
    let (third, c) = seen(net.norms[0], second + 3)
    if let last = net.last { expected.last?.update(with: seen(last, third).1) }
    expected.norms[0].update(with: a)
    // The second call of one layer: its record is of the layer as it was.
    var again = net.norms[0]
    again.update(with: c, momentum: 1)
    let shared = expected.norms[0]
    expected.norms[0].runningMean = shared.runningMean * 0.9 + again.runningMean * 0.1
    expected.norms[1].update(with: b)

    net.update(with: statistics)
    for (came, wanted) in zip(net.buffers, expected.buffers) where came.path.hasSuffix("mean") {
      #expect(
        difference(came.tensor, DoubleTensor(wanted.tensor), tolerance: 1e-6, what: came.path)
          == nil)
    }
  }

  @Test func copiesOfOneLayer() {
    let one = layer(2)
    var net = Net(norms: [one, one, one], last: nil)
    var statistics: BatchStatistics? = BatchStatistics()
    var y = Tensor(shape: [3, 2], values: [1, 2, 3, 5, 8, 13])
    for (index, norm) in net.norms.enumerated() {
      y = norm(y + Float(10 * index), statistics: &statistics)
    }
    net.update(with: statistics, momentum: 1)
    #expect(abs(net.norms[0].runningMean[0] - 4) < 1e-5)
    #expect(abs(net.norms[1].runningMean[0] - (10 + one.bias[0])) < 1e-5)
    #expect(abs(net.norms[2].runningMean[0] - (20 + one.bias[0])) < 1e-5)
  }

  @Test func threadsChangeNoBit() {
    var random = TestRandom(12)
    let x = random.tensor([3000, 37])
    let layer = layer(37)
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        var statistics: BatchStatistics? = BatchStatistics()
        let (_, y, gradients) = valueAndGradient(at: [x, layer.weight, layer.bias]) { x in
          var copy = layer
          (copy.weight, copy.bias) = (x[1], x[2])
          let y = copy(x[0], statistics: &statistics)
          return (y.squared().sum(), y)
        }
        var copy = layer
        copy.update(with: statistics)
        return [bits(y), bits(copy.runningMean), bits(copy.runningVariance)]
          + gradients.map { $0.map { bits($0.tensor) } ?? [] }
      }
    }
    let one = run(1)
    #expect(run(2) == one)
    #expect(run(3) == one)
  }

  @Test func whatDoesNotFitEndsTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = BatchNorm(0) }
    await #expect(processExitsWith: .failure) { _ = BatchNorm(3)(Tensor(zeros: [2, 4])) }
    await #expect(processExitsWith: .failure) { _ = BatchNorm(3)(Tensor(zeros: [3])) }
    // Used twice: the second time the layers have moved on.
    await #expect(processExitsWith: .failure) {
      var layer = BatchNorm(2)
      var statistics: BatchStatistics? = BatchStatistics()
      _ = layer(Tensor(zeros: [2, 2]), statistics: &statistics)
      layer.update(with: statistics)
      layer.update(with: statistics)
    }
  }
}
