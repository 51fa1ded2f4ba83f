import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Outputs, states and gradients against naive loops over Doubles.
@Suite struct TCNOracleTests {
  static let configurations = [
    TCNConfiguration(inputSize: 3, channels: [4, 4, 5]),
    TCNConfiguration(inputSize: 4, channels: [4], kernelSize: 1),
    TCNConfiguration(inputSize: 2, channels: [3, 3], kernelSize: 2, dilationBase: 3),
    TCNConfiguration(inputSize: 1, channels: [17, 18], kernelSize: 7),
    TCNConfiguration(inputSize: 5, channels: [5, 2], kernelSize: 4, dilationBase: 1),
    TCNConfiguration(inputSize: 3, channels: [4, 4], kernelSize: 3, isCausal: false),
    TCNConfiguration(inputSize: 4, channels: [4, 3], kernelSize: 4, isCausal: false),
  ]
  static let batches: [[Int]] = [[6, 0, 11, 3, 11], [5, 5, 5], [0, 0], [], [1], [40, 9]]

  @Test(arguments: configurations, batches)
  func forward(_ configuration: TCNConfiguration, _ lengths: [Int]) {
    for withState in configuration.isCausal ? [false, true] : [false] {
      let test = TCNCase(
        configuration, lengths: lengths, padding: 2, withState: withState, seed: 11)
      let (output, state) = test.model()
      let expected = test.oracle()()
      let padded = output.padded()
      expectClose(padded, shape: padded.shape, expected.output, "output", within: 5e-6)
      #expect(state.count == test.model.network.stateNames.count)
      for (index, component) in state.enumerated() {
        expectClose(
          component, shape: component.shape, expected.state[index], "state \(index)",
          within: 5e-6)
      }
    }
  }

  @Test(arguments: configurations, [false, true])
  func gradients(_ configuration: TCNConfiguration, withState: Bool) {
    if withState && !configuration.isCausal { return }
    for lengths in [[6, 0, 11, 3, 11], [7, 7], [21]] {
      checkGradients(
        of: TCNCase(configuration, lengths: lengths, withState: withState, seed: 12),
        generator: nil)
    }
  }

  @Test(arguments: [true, false])
  func dropout(_ isCausal: Bool) {
    let configuration = TCNConfiguration(
      inputSize: 3, channels: [6, 6, 4], dropout: 0.4, isCausal: isCausal)
    let test = TCNCase(configuration, lengths: [5, 0, 9, 9], seed: 13)
    let generator = RandomGenerator(seed: 14)
    let expected = test.oracle(dropoutFrom: generator)()
    let padded = test.model(using: generator).output.padded()
    expectClose(padded, shape: padded.shape, expected.output, "output", within: 5e-6)
    checkGradients(of: test, generator: generator)
    // Without a generator nothing drops.
    let plain = test.model().output.padded()
    expectClose(plain, shape: plain.shape, test.oracle()().output, "prediction", within: 5e-6)
  }

  /// The gradients of one call against central differences of the oracle, value by value (a random
  /// choice of a large tensor) and along a random direction.
  private func checkGradients(
    of test: TCNCase, generator: RandomGenerator?, location: SourceLocation = #_sourceLocation
  ) {
    let loss = TCNLoss(test, seed: 15)
    let oracle = test.oracle(dropoutFrom: generator)
    let (value, gradients) = valueAndGradient(of: test.model) { model in
      let (output, state) = model(using: generator)
      return loss(output, state)
    }
    let exact = loss(oracle)
    #expect(
      abs(Double(value.scalar) - exact) <= 2e-5 * max(1, abs(exact)),
      "loss \(value.scalar), expected \(exact)", sourceLocation: location)

    func slope(_ path: String, along direction: [(index: Int, step: Double)]) -> Double {
      let size = 1e-7
      func moved(by scale: Double) -> Double {
        var oracle = oracle
        for (index, step) in direction { oracle.values[path]![index] += scale * step }
        return loss(oracle)
      }
      return (moved(by: size) - moved(by: -size)) / (2 * size)
    }
    var random = TestRandom(16)
    for entry in gradients.entries {
      let count = entry.shape.reduce(1, *)
      guard count > 0 else { continue }
      let came =
        entry.gradient?.tensor.values.map(Double.init) ?? [Double](repeating: 0, count: count)
      let scale = came.reduce(0) { max($0, abs($1)) }
      for index in (0..<count).shuffled(using: &random).prefix(8) {
        let expected = slope(entry.path, along: [(index, 1)])
        #expect(
          abs(came[index] - expected) <= 3e-5 * max(scale, abs(expected)) + 1e-7,
          "gradient of \(entry.path)[\(index)] is \(came[index]), expected \(expected)",
          sourceLocation: location)
      }
      let direction = (0..<count).map { ($0, Double.random(in: -1...1, using: &random)) }
      let expected = slope(entry.path, along: direction)
      let along = direction.reduce(0) { $0 + came[$1.0] * $1.1 }
      #expect(
        abs(along - expected) <= 3e-5 * scale * Double(count).squareRoot() + 1e-7,
        "slope in \(entry.path) is \(along), expected \(expected)", sourceLocation: location)
    }
  }
}
