import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

/// Layers with weights of their own at every position, with tiles of kernels, and with a table of
/// connections.
@Suite struct LocalConvolutionTests {
  /// Value and gradients in the input and every parameter, which get values that are not 0.
  private func check<M: Module>(
    _ what: String, _ layer: M, _ x: Tensor, apply: (M, Tensor) -> Tensor,
    oracle: (_ x: DoubleTensor, _ weight: DoubleTensor, _ bias: DoubleTensor?) -> DoubleTensor
  ) -> [String] {
    var random = TestRandom(360)
    let parameters = layer.parameters.map { random.tensor($0.tensor.shape) }
    return visitingProblems(of: layer)
      + problems(
        what, [x] + parameters, tolerance: 3e-5, samples: 24,
        operation: { inputs in
          var (copy, next) = (layer, 0)
          copy.updateParameters { _, parameter in
            next += 1
            parameter = inputs[next]
          }
          return apply(copy, inputs[0])
        },
        oracle: { oracle($0[0], $0[1], $0.count > 2 ? $0[2] : nil) })
  }

  @Test(arguments: [0, 1, 3, 19]) func locallyConnected(batch: Int) throws {
    var g = RandomGenerator(seed: 1)
    var random = TestRandom(361)
    let layer = try LocallyConnected2D(
      3, 5, inputSize: [6, 5], kernel: [3, 2], stride: [2, 1], padding: .both([1, 0]), using: &g)
    #expect(layer.weight.shape == [3, 4, 5, 3, 3, 2] && layer.bias?.shape == [3, 4, 5])
    #expect(layer.outputSize == [3, 4] && layer.parameterCount == 12 * (90 + 5))
    let found = check(
      "LocallyConnected2D", layer, random.tensor([batch, 3, 6, 5]), apply: { $0($1) },
      oracle: { x, weight, bias in
        x.locallyConvolved(
          outputs: 5, output: [3, 4], kernel: [3, 2], stride: [2, 1], before: [1, 0],
          bias: { bias?[[$1, $2, $0]] ?? 0 }, weight: { weight[[$4, $5, $0, $1, $2, $3]] })
      })
    #expect(found == [])
  }

  @Test func locallyConnectedOverOneAxisWithoutBias() throws {
    var g = RandomGenerator(seed: 2)
    var random = TestRandom(362)
    let layer = try LocallyConnected1D(
      2, 3, inputSize: [7], kernel: [3], dilation: [2], bias: false, using: &g)
    let found = check(
      "LocallyConnected1D", layer, random.tensor([4, 2, 7]), apply: { $0($1) },
      oracle: { x, weight, _ in
        DoubleTensor([4, 3, 3]) { index in
          (0..<6).reduce(0) { sum, term in
            let (c, j) = (term / 3, term % 3)
            return sum + weight[[index[2], index[1], c, j]] * x[[index[0], c, index[2] + 2 * j]]
          }
        }
      })
    #expect(found == [])
  }

  @Test(arguments: [[2, 2], [1, 3], [4, 1], [9, 9]]) func tiled(tile: [Int]) throws {
    var g = RandomGenerator(seed: 3)
    var random = TestRandom(363)
    let layer = try TiledConvolution2D(2, 4, tile: tile, kernel: [2, 3], using: &g)
    #expect(layer.weight.shape == tile + [4, 2, 2, 3] && layer.bias?.shape == tile + [4])
    let found = check(
      "TiledConvolution2D", layer, random.tensor([3, 2, 6, 7]), apply: { $0($1) },
      oracle: { x, weight, bias in
        x.locallyConvolved(
          outputs: 4, output: [5, 5], kernel: [2, 3], stride: [1, 1], before: [0, 0],
          bias: { bias?[[$1 % tile[0], $2 % tile[1], $0]] ?? 0 },
          weight: { weight[[$4 % tile[0], $5 % tile[1], $0, $1, $2, $3]] })
      })
    #expect(found == [])
  }

  /// A tile of one position is a convolution.
  @Test func aTileOfOne() throws {
    var g = RandomGenerator(seed: 4)
    var random = TestRandom(364)
    let layer = try TiledConvolution2D(
      3, 4, tile: [1, 1], kernel: [3, 3], stride: [2, 2], padding: .same, using: &g)
    let same = try Convolution2D(
      weight: layer.weight.reshaped([4, 3, 3, 3]), bias: layer.bias?.reshaped([4]), stride: [2, 2],
      padding: .same)
    let x = random.tensor([2, 3, 7, 8])
    #expect(
      difference(layer(x), DoubleTensor(same(x)), tolerance: 1e-6, what: "tile of one") == nil)
  }

  @Test func leNetC3() throws {
    let table = ConnectionTable.leNetC3
    #expect(table.inputs == 6 && table.outputs == 16 && table.count == 60)
    // Table I of the paper: one line for each map of S2.
    let lines = [
      "X   XXX  XXXX XX", "XX   XXX  XXXX X", "XXX   XXX  X XXX", " XXX  XXXX  X XX",
      "  XXX  XXXX XX X", "   XXX  XXXX XXX",
    ]
    for (input, line) in lines.enumerated() {
      #expect(table.connections.map { $0[input] } == line.map { $0 == "X" })
    }
    var g = RandomGenerator(seed: 5)
    let layer = try TableConvolution2D(table, kernel: [5, 5], using: &g)
    #expect(layer.parameterCount == 1516)
    #expect(try layer.outputSize([14, 14]) == [10, 10])
  }

  @Test(arguments: [0, 1, 4]) func throughATable(batch: Int) throws {
    let connections = [
      [true, false, true], [false, true, false], [true, true, true], [false, true, true],
    ]
    var g = RandomGenerator(seed: 6)
    var random = TestRandom(365)
    let table = try ConnectionTable(connections)
    #expect(table.connections == connections && table.count == 8)
    let layer = try TableConvolution2D(
      table, kernel: [3, 2], stride: [1, 2], padding: .both([1, 0]), using: &g)
    #expect(layer.weight.shape == [8, 3, 2])
    let first = [0, 2, 3, 6]
    let found = check(
      "TableConvolution2D", layer, random.tensor([batch, 3, 5, 6]), apply: { $0($1) },
      oracle: { x, weight, bias in
        x.locallyConvolved(
          outputs: 4, output: [5, 3], kernel: [3, 2], stride: [1, 2], before: [1, 0],
          bias: { o, _, _ in bias?.values[o] ?? 0 },
          weight: { o, c, i, j, _, _ in
            guard connections[o][c] else { return 0 }
            let number = first[o] + connections[o][..<c].count { $0 }
            return weight[[number, i, j]]
          })
      })
    #expect(found == [])
  }

  @Test func threadsChangeNoBit() throws {
    var g = RandomGenerator(seed: 7)
    var random = TestRandom(366)
    let tiled = try TiledConvolution2D(
      5, 9, tile: [2, 3], kernel: [3, 3], padding: .same, using: &g)
    let x = random.tensor([21, 5, 11, 12])
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        let (_, gradients) = valueAndGradient(of: tiled) { $0(x).squared().sum() }
        let inInput = valueAndGradient(at: [x]) { tiled($0[0]).squared().sum() }.gradients[0]
        return [bits(tiled(x)), inInput.map { bits($0.tensor) } ?? []]
          + gradients.entries.map { $0.gradient.map { bits($0.tensor) } ?? [] }
      }
    }
    let one = run(1)
    #expect(run(2) == one)
    #expect(run(5) == one)
  }

  @Test func whatDoesNotFit() async {
    var g = RandomGenerator(seed: 8)
    #expect(throws: ConvolutionError.self) {
      try LocallyConnected2D(1, 1, inputSize: [2, 2], kernel: [3, 3], using: &g)
    }
    #expect(throws: ConvolutionError("tile [2]: 2 positive numbers expected")) {
      try TiledConvolution2D(1, 1, tile: [2], kernel: [3, 3], using: &g)
    }
    #expect(
      throws: ConvolutionError(
        "connection table: output 1 is connected to 0 of 2 inputs, at least 1 of 2 expected")
    ) { try ConnectionTable([[true, false], [false, false]]) }
    #expect(throws: ConvolutionError.self) { try ConnectionTable([]) }
    await #expect(processExitsWith: .failure) {
      var g = RandomGenerator(seed: 8)
      let layer = try LocallyConnected2D(1, 1, inputSize: [4, 4], kernel: [3, 3], using: &g)
      _ = layer(Tensor(zeros: [1, 1, 4, 5]))
    }
  }
}
