import ReelLayers
import ReelTensor
import ReelVision
import Testing

/// A few steps of plain gradient descent on a few images lower the loss of every kind of network.
@Suite struct LearningTests {
  /// Lowers the loss by steps along the gradient, each as long as a part of the parameter itself.
  private func descend(
    _ network: inout ImageNetwork, steps: Int, rate: Float, _ loss: (ImageNetwork) -> Tensor
  ) -> (first: Float, last: Float) {
    var losses: [Float] = []
    for _ in 0..<steps {
      let (value, gradients) = valueAndGradient(of: network) { loss($0) }
      losses.append(value.scalar)
      var place = 0
      network.updateParameters { _, parameter in
        if let gradient = gradients.entries[place].gradient?.tensor {
          parameter = parameter - gradient * rate
        }
        place += 1
      }
    }
    return (losses[0], loss(network).scalar)
  }

  @Test(arguments: [
    (Architecture.perceptron, Float(0.01)), (.twoLayer, 0.05), (.leNet5, 0.3),
    (.leNet5Modern, 0.05),
    (.resNetCIFAR(depth: 8, input: [1, 16, 16]), 0.1),
    (.vgg("vgg", [[6], [8]], hidden: 12, input: [1, 16, 16], classes: 10), 0.05),
  ])
  func classifies(architecture: Architecture, rate: Float) throws {
    var generator = RandomGenerator(seed: 21)
    var network = try ImageNetwork(architecture, using: &generator)
    let images = generator.normal(shape: [20] + architecture.input)
    let labels = (0..<20).map { Int32($0 % 10) }
    let (first, last) = descend(&network, steps: 25, rate: rate) { network in
      var statistics: BatchStatistics? = BatchStatistics()
      var none: RandomGenerator?
      return crossEntropy(network(images, statistics: &statistics, using: &none), labels)
    }
    #expect(last < 0.6 * first, "\(architecture.name): from \(first) to \(last)")
  }

  /// Pixels brighter than 0 are one class, the others another.
  @Test(arguments: [
    Architecture.uNet("u", widths: [4, 8], isPadded: true, input: [1, 16, 16]),
    .fcn(.stride8, trunk: [[4], [4], [4], [4], [4]], hidden: 8, input: [1, 16, 16], classes: 2),
    .recurrentLabelling("recurrent", widths: [6, 6], steps: 2, input: [1, 16, 16], classes: 2),
  ])
  func labels(architecture: Architecture) throws {
    var generator = RandomGenerator(seed: 22)
    var network = try ImageNetwork(architecture, using: &generator)
    // Two halves, one of them bright.
    let images = Tensor(
      shape: [2, 1, 16, 16],
      values: (0..<512).map { ($0 / 256 == 0 ? $0 % 16 : $0 / 16 % 16) < 8 ? 1 : -1 })
    let classes = images.values.map { Int32($0 > 0 ? 1 : 0) }
    let (first, last) = descend(&network, steps: 40, rate: 0.2) { network in
      var statistics: BatchStatistics? = BatchStatistics()
      var none: RandomGenerator?
      let scores = network.maps(FeatureMaps(images), statistics: &statistics, using: &none)
      return crossEntropy(scores, classes)
    }
    #expect(last < 0.6 * first, "\(architecture.name): from \(first) to \(last)")
  }

  /// Each application of a recurrent network can be asked for, and is what the network with fewer
  /// applications puts out.
  @Test func recurrentSteps() throws {
    func make(_ steps: Int) throws -> ImageNetwork {
      try SmallNetworks.make(
        .recurrentLabelling("r", widths: [3, 4], steps: steps, input: [2, 9, 7], classes: 3))
    }
    var generator = RandomGenerator(seed: 2)
    let images = FeatureMaps(generator.normal(shape: [2, 2, 9, 7]))
    var (statistics, none): (BatchStatistics?, RandomGenerator?)
    let outputs = try make(3).outputs(images, statistics: &statistics, using: &none)
    #expect(outputs.steps.count == 3)
    for steps in 1...3 {
      let alone = try make(steps)(images.tensor)
      #expect(alone.values == outputs.steps[steps - 1].tensor.values)
    }
  }
}
