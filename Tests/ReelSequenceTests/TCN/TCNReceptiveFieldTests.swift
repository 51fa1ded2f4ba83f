import ReelLayers
import ReelSequence
import ReelTensor
import Testing

/// Moving one input changes exactly the outputs that `receptiveField` says.
@Suite struct TCNReceptiveFieldTests {
  @Test(arguments: [
    TCNConfiguration(inputSize: 2, channels: [3, 3, 4]),
    TCNConfiguration(inputSize: 2, channels: [3, 3], kernelSize: 7),
    TCNConfiguration(inputSize: 2, channels: [2, 2, 2], kernelSize: 3, dilationBase: 3),
    TCNConfiguration(inputSize: 2, channels: [3], kernelSize: 1),
    TCNConfiguration(inputSize: 2, channels: [3, 3, 3], isCausal: false),
    TCNConfiguration(inputSize: 2, channels: [3, 3], kernelSize: 4, isCausal: false),
  ])
  func perturbation(_ configuration: TCNConfiguration) {
    var generator = RandomGenerator(seed: 31)
    var network = TCN(configuration, using: &generator)
    // All weights positive, all biases large enough: every rectifier lets everything through.
    network.updateParameters { path, parameter in
      parameter = generator.uniform(shape: parameter.shape, in: 0.5...1)
    }
    let field = network.receptiveField
    let (length, moved) = (3 * field + 4, field + field / 2)
    let input = generator.uniform(shape: [1, length, 2], in: 0...1)
    var other = input
    other.withMutableValues { $0[2 * moved + 1] += 64 }
    let (a, b) = (network(Sequences(input)).output[0], network(Sequences(other)).output[0])
    let width = configuration.outputSize
    let changed = (0..<length).filter { time in
      (0..<width).contains { a[time, $0] != b[time, $0] }
    }
    // Half of each window lies before its output, and of an even number of steps one more behind.
    let after = configuration.channels.indices.reduce(0) { sum, block in
      let extent = configuration.historyLength(ofBlock: block)
      return sum + 2 * (extent - extent / 2)
    }
    let first = configuration.isCausal ? moved : moved - after
    #expect(changed == Array(first..<first + field))
  }

  @Test func sizes() {
    // 8 levels with kernel 7 cover all 784 pixels of an image.
    let images = TCNConfiguration(
      inputSize: 1, channels: [Int](repeating: 25, count: 8), kernelSize: 7)
    #expect(images.receptiveField == 1 + 2 * 6 * 255)
    #expect(TCNConfiguration(inputSize: 1, channels: [1], kernelSize: 1).receptiveField == 1)
  }
}
