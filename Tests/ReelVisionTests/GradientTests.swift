import ReelLayers
import ReelTensor
import ReelTestSupport
import ReelVision
import Testing

/// Every architecture with a sixteenth of its channels: it builds, and its gradient is the slope of its
/// loss.
@Suite struct GradientTests {
  /// Smaller images where the network takes them.
  static let sizes: [String: [Int]] = [
    "u-net": [1, 188, 188], "fcn-32s": [3, 40, 50], "fcn-16s": [3, 40, 50],
    "fcn-8s": [3, 40, 50], "resnet-18": [3, 64, 64], "resnet-34": [3, 64, 64],
    "resnet-50": [3, 64, 64], "resnet-101": [3, 64, 64], "resnet-152": [3, 64, 64],
    "plain-18": [3, 64, 64], "plain-34": [3, 64, 64],
  ]

  /// Those whose names say that they differ in depth or normalization alone are left out.
  static let architectures: [Architecture] = {
    let same = ["vgg-13", "vgg-19", "vgg-11-bn", "vgg-13-bn", "vgg-19-bn", "resnet-1202"]
    return Architecture.all.filter { !same.contains($0.name) }.map { architecture in
      var result = architecture.narrowed(by: architecture.input[0] == 3 ? 16 : 4)
      if architecture.name == "lenet-5" || architecture.name.hasPrefix("u-net-") {
        result = architecture
      }
      result.input = sizes[architecture.name] ?? architecture.input
      result.classes = min(result.classes, 10)
      return result
    } + [SmallNetworks.various]
  }()

  @Test(arguments: architectures)
  func slope(architecture: Architecture) throws {
    var network = try SmallNetworks.make(architecture, seed: 11)
    // Hundreds of residual sums with moving statistics of no image would grow beyond all bounds.
    network.updateParameters { path, gain in
      if path.hasSuffix("bn2.weight") || path.hasSuffix("bn3.weight") { gain = gain * 0.1 }
    }
    var generator = RandomGenerator(seed: 12)
    let images = generator.normal(shape: [2] + architecture.input)
    let table = try network.table
    let weight = generator.normal(shape: [2] + table.output)
    func loss(_ network: ImageNetwork) -> Tensor {
      var (statistics, none): (BatchStatistics?, RandomGenerator?)
      let outputs = network.outputs(
        FeatureMaps(images), statistics: &statistics, using: &none)
      var sum = (outputs.result.tensor * weight).sum()
      for side in outputs.auxiliaries {
        sum = sum + 0.3 * (side.value.tensor * weight).sum()
      }
      return sum
    }
    let start = network
    let (_, gradients) = valueAndGradient(of: start) { loss($0) }
    // A step along the gradient of each parameter, as long as a small part of the parameter itself.
    var steps: [String: Tensor] = [:]
    var slope = 0.0
    for (entry, parameter) in zip(gradients.entries, start.parameters) {
      let gradient = try #require(entry.gradient, "\(entry.path)").tensor
      let norm = Self.norm(gradient)
      guard norm > 0 else { continue }
      let length = Self.norm(parameter.tensor) + 1e-3
      steps[entry.path] = gradient * Float(length / norm)
      slope += length * norm
    }
    let step: Float = 3e-5
    func moved(_ step: Float) -> Double {
      var moved = start
      moved.updateParameters { path, parameter in
        if let direction = steps[path] { parameter = parameter + direction * step }
      }
      return Double(loss(moved).scalar)
    }
    let difference = (moved(step) - moved(-step)) / Double(2 * step)
    #expect(abs(difference - slope) <= 0.03 * slope, "\(difference), \(slope) expected")
  }

  private static func norm(_ tensor: Tensor) -> Double {
    tensor.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// At its published size each one has the parameters that its table counts.
  @Test(arguments: Architecture.all.map(\.name).filter { !$0.hasPrefix("vgg-1") || $0 == "vgg-16" })
  func buildsAtPublishedSize(name: String) throws {
    var architecture = try Architecture.named(name)
    architecture.initialization = .constant(0)
    var generator = RandomGenerator(seed: 1)
    let network = try ImageNetwork(architecture, using: &generator)
    #expect(network.parameterCount == (try LayerTable(architecture).parameters))
  }
}
