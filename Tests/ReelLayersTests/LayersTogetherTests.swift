import ReelLayers
import ReelTensor
import Testing

/// Small networks of image layers, trained for a few steps: what the layers are for.
@Suite struct LayersTogetherTests {
  /// Down and back to the same places, as in SegNet, and up and beside what was passed by, as in
  /// the U-Net.
  private struct Network: Module {
    var down, deep, back, head: Convolution2D

    init(using generator: inout RandomGenerator) throws {
      down = try Convolution2D(1, 4, kernel: 3, padding: .same, using: &generator)
      deep = try Convolution2D(4, 4, kernel: 3, padding: .same, using: &generator)
      back = try Convolution2D(12, 8, kernel: 3, padding: .same, using: &generator)
      head = try Convolution2D(8, 2, kernel: 1, using: &generator)
    }

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("down", &down)
      visitor.visit("deep", &deep)
      visitor.visit("back", &back)
      visitor.visit("head", &head)
    }

    func callAsFunction(_ images: Tensor) -> FeatureMaps {
      let features = Activation.relu(down(FeatureMaps(images)))
      let (pooled, places) = MaxPooling(2).withIndices(features)
      let inner = Activation.elu(alpha: 1)(deep(pooled))
      let restored = MaxUnpooling(places)(inner)
      let up = Upsampling(.bilinear, scale: 2)(inner)
      let joined = FeatureMaps.concatenated([features.centerCropped(to: up.size), restored, up])
      return head(LocalResponseNorm()(Activation.silu(back(joined))))
    }
  }

  /// Which half of the picture each position is in, told by its brightness; the border is not
  /// asked.
  @Test func labelsOfPositions() throws {
    var generator = RandomGenerator(seed: 1)
    var network = try Network(using: &generator)
    let noise = generator.normal(shape: [3, 1, 8, 8], deviation: 0.1)
    let labels = (0..<3 * 64).map { place -> Int32 in
      let column = place % 8
      return column == 0 ? 255 : column < 4 ? 0 : 1
    }
    let images = noise + Tensor(shape: [3, 1, 8, 8], values: labels.map { $0 == 1 ? 1 : 0 })
    var losses: [Float] = []
    for _ in 0..<60 {
      let (loss, gradients) = valueAndGradient(of: network) { network in
        crossEntropy(network(images), labels, ignoring: 255)
      }
      losses.append(loss.scalar)
      network.updateParameters { path, parameter in
        guard let gradient = gradients[path]?.tensor else { return }
        parameter = (parameter - gradient * 0.3).detached()
      }
    }
    #expect(losses[59] < 0.2 * losses[0], "\(losses[0]) to \(losses[59])")
    let classes = network(images).argumentMaximum()
    let wrong = zip(classes, labels).count { $1 != 255 && $0 != $1 }
    #expect(wrong == 0)
  }

  /// LeNet-5 of 1998: 60,000 trainable values before the radial units of its last layer, and the
  /// sizes of its layers.
  @Test func leNet() throws {
    var g = RandomGenerator(seed: 2)
    let start = Initialization.uniformByFanIn(factor: 2.4)
    let c1 = try Convolution2D(1, 6, kernel: 5, initialization: start, using: &g)
    let s2 = SubsamplingLayer(6)
    let c3 = try TableConvolution2D(.leNetC3, kernel: [5, 5], initialization: start, using: &g)
    let s4 = SubsamplingLayer(16)
    let c5 = try Convolution2D(16, 120, kernel: 5, initialization: start, using: &g)
    let f6 = Linear(120, 84, initialization: start, using: &g)
    let squash = Activation.scaledTanh
    let first = squash(c1(FeatureMaps(g.normal(shape: [2, 1, 32, 32]))))
    let second = squash(s2(first))
    let third = squash(c3(second))
    let fourth = squash(s4(third))
    let fifth = squash(c5(fourth)).flattened()
    #expect(
      [first.shape, second.shape, third.shape, fourth.shape, fifth.shape, f6(fifth).shape] == [
        [2, 6, 28, 28], [2, 6, 14, 14], [2, 16, 10, 10], [2, 16, 5, 5], [2, 120], [2, 84],
      ])
    let counts = [
      c1.parameterCount, s2.parameterCount, c3.parameterCount, s4.parameterCount,
      c5.parameterCount, f6.parameterCount,
    ]
    #expect(counts == [156, 12, 1_516, 32, 48_120, 10_164])
    #expect(counts.reduce(0, +) == 60_000)
  }
}
