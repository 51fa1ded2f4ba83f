import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// The last output by the time steps that it depends on equals the one behind all of them.
@Suite struct TCNLastOutputTests {
  static let configurations = [
    TCNConfiguration(
      inputSize: 1, channels: [25, 25, 25, 25, 25, 25], kernelSize: 7, dropout: 0.1),
    TCNConfiguration(inputSize: 3, channels: [4, 4, 5]),
    TCNConfiguration(inputSize: 4, channels: [5, 5], kernelSize: 1),
    TCNConfiguration(inputSize: 2, channels: [3, 3, 7, 3], kernelSize: 2, dilationBase: 3),
    TCNConfiguration(inputSize: 5, channels: [5, 2, 20], kernelSize: 4, dilationBase: 1),
    TCNConfiguration(inputSize: 16, channels: [64, 64, 80], kernelSize: 3, dropout: 0.3),
    TCNConfiguration(inputSize: 3, channels: [4, 30, 30], kernelSize: 3, isCausal: false),
    TCNConfiguration(inputSize: 4, channels: [64, 64, 64], kernelSize: 4, isCausal: false),
    TCNConfiguration(inputSize: 4, channels: [9, 9, 9], kernelSize: 4, isCausal: false),
  ]
  static let batches: [[Int]] = [
    [6, 0, 11, 3, 11], [0, 0], [], [1], [140, 9, 139], [Int](repeating: 97, count: 16),
    [Int](repeating: 260, count: 32), (0..<30).map { 5 + $0 * 7 % 90 },
    [Int](repeating: 37, count: 3),
    // Ragged ones that are equally long when the others are left out.
    (0..<32).map { 300 + $0 * 7 % 40 }, (0..<32).map { 9 + $0 % 5 },
  ]

  /// A batch with a classifier's loss on its last outputs.
  private struct Classifier: Module {
    var watched: WatchedTCN
    let scores: Tensor

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("watched", &watched)
    }

    func outputs(isShort: Bool) -> Tensor {
      var generator: RandomGenerator? = RandomGenerator(seed: 5)
      let input = Sequences(watched.input, lengths: watched.lengths)
      let network = watched.network
      return isShort
        ? network.lastOutput(of: input, using: &generator)
        : network.output(of: input, using: &generator).last
    }

    func gradients(isShort: Bool) -> (output: Tensor, gradients: Gradients) {
      let (_, output, gradients) = valueAndGradient(of: self) { model in
        let output = model.outputs(isShort: isShort)
        return ((output * scores).sum(), output)
      }
      return (output, gradients)
    }
  }

  @Test(arguments: configurations, batches)
  func outputsAndGradients(_ configuration: TCNConfiguration, _ lengths: [Int]) {
    // A value within rounding of 0 may pass a rectifier in one way and not in the other; another draw has
    // it elsewhere.
    var wrong: [String] = []
    for seed: UInt64 in [21, 31, 41, 51] {
      wrong = differences(configuration, lengths, seed: seed)
      guard !wrong.isEmpty else { break }
    }
    #expect(wrong.isEmpty)
  }

  /// Outputs must be close; says which gradients are not.
  private func differences(
    _ configuration: TCNConfiguration, _ lengths: [Int], seed: UInt64
  ) -> [String] {
    let test = TCNCase(configuration, lengths: lengths, padding: 1, seed: seed)
    var random = TestRandom(seed + 1)
    let model = Classifier(
      watched: test.model, scores: random.tensor([lengths.count, configuration.outputSize]))
    let (short, whole) = (model.gradients(isShort: true), model.gradients(isShort: false))
    expectClose(short.output, whole.output, "output", within: 1e-5)
    // Watched or not, the result is the same.
    expectSameBytes(model.outputs(isShort: true), short.output, "unwatched")
    return whole.gradients.entries.compactMap { entry in
      guard let expected = entry.gradient?.tensor else { return nil }
      guard let came = short.gradients[entry.path]?.tensor, came.shape == expected.shape else {
        return "\(entry.path): nothing came, or another shape"
      }
      let error = relativeError(came.values, expected.values.map(Double.init))
      return error <= 5e-5 ? nil : "\(entry.path): relative error \(error)"
    }
  }

  /// Against the equations in Double, with dropout and without.
  @Test(arguments: configurations, [[6, 0, 11, 3, 11], [40, 9]])
  func oracle(_ configuration: TCNConfiguration, _ lengths: [Int]) {
    let test = TCNCase(configuration, lengths: lengths, seed: 61)
    let input = Sequences(test.model.input, lengths: lengths)
    let generator = RandomGenerator(seed: 62)
    for dropout in [nil, generator] {
      let expected = test.oracle(dropoutFrom: dropout)().output
      let (longest, width) = (lengths.max() ?? 0, configuration.outputSize)
      let last = lengths.enumerated().flatMap { row, length -> [Double] in
        guard length > 0 else { return [Double](repeating: 0, count: width) }
        return Array(expected[((row * longest + length - 1) * width)...].prefix(width))
      }
      var dropout = dropout
      expectClose(
        test.model.network.lastOutput(of: input, using: &dropout), shape: [lengths.count, width],
        last, "last output", within: 1e-5)
    }
    var none: RandomGenerator?
    expectSameBytes(
      test.model.network.lastOutput(of: input),
      test.model.network.lastOutput(of: input, using: &none), "prediction")
  }

  /// Every dilation that is a multiple of those below it halves the steps.
  @Test func reaches() {
    let images = TCNConfiguration(
      inputSize: 1, channels: [Int](repeating: 25, count: 8), kernelSize: 7)
    #expect(images.lastStepReaches.map(\.stride) == [1, 2, 4, 8, 16, 32, 64, 128])
    #expect(images.lastStepReaches.map(\.count) == [3061, 1525, 757, 373, 181, 85, 37, 13])
    let pixels = SequenceLayout(batch: 1, length: 784)
    let steps = images.lastStepReaches.map { pixels.latest($0.count, every: $0.stride).total }
    #expect(steps == [784, 392, 196, 98, 49, 25, 13, 7])
    // Distances of 2 and 3: no step may be left out below them.
    let odd = TCNConfiguration(inputSize: 1, channels: [1, 1], kernelSize: 4, isCausal: false)
    #expect(odd.lastStepReaches.map(\.stride) == [1, 1])
    #expect(odd.lastStepReaches.map(\.count) == [9, 7])
    let single = TCNConfiguration(inputSize: 1, channels: [1, 1], kernelSize: 1)
    #expect(single.lastStepReaches.map(\.count) == [1, 1])
  }

  /// Moving any one input changes the last output, or not, as it does behind all steps.
  @Test(arguments: [
    TCNConfiguration(inputSize: 1, channels: [3, 3, 4]),
    TCNConfiguration(inputSize: 1, channels: [3, 3, 3], kernelSize: 2, dilationBase: 4),
    TCNConfiguration(inputSize: 1, channels: [3, 3, 3], kernelSize: 4, isCausal: false),
  ])
  func perturbation(_ configuration: TCNConfiguration) {
    var generator = RandomGenerator(seed: 71)
    var network = TCN(configuration, using: &generator)
    // All weights positive, all biases large enough: every rectifier lets everything through.
    network.updateParameters { path, parameter in
      parameter = generator.uniform(shape: parameter.shape, in: 0.5...1)
    }
    let length = network.receptiveField + 9
    let input = generator.uniform(shape: [1, length, 1], in: 0...1)
    func changed(_ last: (Sequences) -> Tensor) -> [Int] {
      let before = last(Sequences(input)).values
      return (0..<length).filter { time in
        var other = input
        other.withMutableValues { $0[time] += 64 }
        return last(Sequences(other)).values != before
      }
    }
    let short = changed { network.lastOutput(of: $0) }
    #expect(short == changed { network.output(of: $0).last })
    #expect(short.count > 2 && short.count < length)
  }
}
