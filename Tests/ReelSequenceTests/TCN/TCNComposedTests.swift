import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Blocks on planes (few channels) and on rows (many) equal the same network put together from single
/// operations, where a loop over Doubles would take too long: many channels, long and ragged batches,
/// many pieces.
@Suite struct TCNComposedTests {
  static let configurations = [
    TCNConfiguration(inputSize: 3, channels: [25, 25, 40], kernelSize: 7, dropout: 0.1),
    TCNConfiguration(inputSize: 20, channels: [50, 70], kernelSize: 3),
    TCNConfiguration(inputSize: 65, channels: [130], kernelSize: 2, dropout: 0.3),
    TCNConfiguration(inputSize: 16, channels: [64, 64], kernelSize: 3, isCausal: false),
    TCNConfiguration(inputSize: 5, channels: [17, 49], kernelSize: 4, isCausal: false),
    TCNConfiguration(inputSize: 4, channels: [80, 64, 64], kernelSize: 5, dropout: 0.2),
    TCNConfiguration(inputSize: 25, channels: [25, 25], kernelSize: 7, isCausal: false),
    TCNConfiguration(inputSize: 20, channels: [20, 20, 20, 20, 20], kernelSize: 7, dropout: 0.2),
    TCNConfiguration(inputSize: 9, channels: [12], kernelSize: 19),
  ]
  static let batches = [
    [Int](repeating: 150, count: 16), [Int](repeating: 37, count: 3),
    (0..<60).map { 5 + $0 * 7 % 90 }, [300, 2, 0, 300, 41], [Int](repeating: 130, count: 21),
    [Int](repeating: 151, count: 16), [Int](repeating: 333, count: 3),
    // Groups of sequences.
    [Int](repeating: 131, count: 32), [Int](repeating: 80, count: 48),
  ]

  /// So long that the way back of a group has several shares.
  @Test func longGroups() {
    equal(
      TCNConfiguration(inputSize: 3, channels: [25, 20], kernelSize: 7, dropout: 0.1),
      [Int](repeating: 1100, count: 32))
  }

  @Test(arguments: configurations, batches)
  func equal(_ configuration: TCNConfiguration, _ lengths: [Int]) {
    for withState in configuration.isCausal ? [false, true] : [false] {
      expectEqual { compare(configuration, lengths, withState, seed: $0) }
    }
  }

  /// A loss may look at some components of the state alone, two a block: what is above them has no gradient.
  @Test(
    arguments: [[5], [4], [3], [0], [1, 2]],
    [[Int](repeating: 131, count: 16), [Int](repeating: 131, count: 32), [90, 40, 131, 7]])
  func lossesOfStates(_ components: [Int], _ lengths: [Int]) {
    let configuration = TCNConfiguration(
      inputSize: 3, channels: [25, 25, 40], kernelSize: 7, dropout: 0.1)
    for withState in [false, true] {
      expectEqual {
        compare(configuration, lengths, withState, ofState: components, seed: $0)
      }
    }
  }

  /// - Parameter compare: says what is wrong in the draw of a seed.
  private func expectEqual(_ compare: (UInt64) -> [String]) {
    // A value within rounding of 0 may pass a rectifier in one of the two networks and not in the other,
    // which changes gradients by far more than rounding; another draw has it elsewhere. A gradient that is
    // wrong is wrong in every draw.
    var wrong: [String] = []
    for seed: UInt64 in [51, 61, 71, 81] {
      wrong = compare(seed)
      guard !wrong.isEmpty else { break }
      // Nor is it a matter of chance: the same draw errs in the same way, to the last bit.
      #expect(compare(seed) == wrong)
    }
    #expect(wrong.isEmpty)
  }

  /// Outputs and states must be close; says which gradients are not.
  ///
  /// - Parameter components: of the state, which the loss looks at alone; nil: at everything.
  private func compare(
    _ configuration: TCNConfiguration, _ lengths: [Int], _ withState: Bool,
    ofState components: [Int]? = nil, seed: UInt64
  ) -> [String] {
    let test = TCNCase(configuration, lengths: lengths, withState: withState, seed: seed)
    var loss = TCNLoss(test, seed: seed + 1)
    loss.components = components
    let generator = RandomGenerator(seed: seed + 2)
    func run(
      _ forward: (WatchedTCN) -> (output: Sequences, state: [Tensor])
    ) -> (value: Tensor, extra: [Tensor], gradients: Gradients) {
      valueAndGradient(of: test.model) { model in
        let (output, state) = forward(model)
        return (loss(output, state), [output.padded()] + state)
      }
    }
    let blocks = run { $0(using: generator) }
    let composed = run { ComposedTCN(model: $0)(using: generator) }
    expectClose(blocks.value, composed.value, "loss", within: 1e-4)
    for (came, expected) in zip(blocks.extra, composed.extra) {
      expectClose(came, expected, "output or state", within: 1e-5)
    }
    // Watched or not, the result is the same.
    let unwatched = test.model(using: generator)
    for (came, expected) in zip([unwatched.output.padded()] + unwatched.state, blocks.extra) {
      expectSameBytes(came, expected, "unwatched")
    }
    return composed.gradients.entries.compactMap { entry in
      guard let expected = entry.gradient?.tensor else {
        let isNothing = blocks.gradients[entry.path]?.tensor.values.allSatisfy { $0 == 0 } ?? true
        return isNothing ? nil : "\(entry.path): a gradient came, none expected"
      }
      guard let came = blocks.gradients[entry.path]?.tensor, came.shape == expected.shape else {
        return "\(entry.path): nothing came, or another shape"
      }
      let error = relativeError(came.values, expected.values.map(Double.init))
      return error <= 5e-5 ? nil : "\(entry.path): relative error \(error)"
    }
  }
}
