import Reel

/// A network for images at work. `peers/pytorch_images.py` does the same; both must stay equal.
struct ImageWork: TimedWork {
  let task: Workload.Task
  private var network: ImageNetwork
  private var optimizer = Adam(learningRate: 1e-3)
  private let images: FeatureMaps
  /// A class for each image, or for each of its pixels.
  private let targets: [Int32]
  let operations: Double

  init(task: Workload.Task, network name: String, batch: Int) throws {
    self.task = task
    var generator = RandomGenerator(seed: 1)
    let architecture = try Self.architecture(name)
    network = try ImageNetwork(architecture, using: &generator)
    let table = try network.table
    operations = 2 * Double(batch * table.multiplyAdds) * (task == .train ? 3 : 1)
    let shape = [batch] + network.input
    images = FeatureMaps(
      Tensor(shape: shape, values: (0..<shape.reduce(1, *)).map { Float($0 % 23) / 23 - 0.5 }))
    let classes = network.classes
    let pixels = name == Self.uNet ? shape[2] * shape[3] : 1
    targets = (0..<batch * pixels).map { Int32(($0 / pixels + $0 % pixels) % classes) }
    if task == .forward { network = network.folded() }
  }

  private static let uNet = "u-net-256"

  private static func architecture(_ name: String) throws -> Architecture {
    if name == uNet {
      return .uNet(
        name, widths: [64, 128, 256, 512, 1024], isPadded: true, input: [3, 256, 256])
    }
    return try .named(name)
  }

  var units: Int { 1 }

  mutating func repeatOnce() {
    var (statistics, generator): (BatchStatistics?, RandomGenerator?)
    guard task == .train else {
      _ = network.result(images, statistics: &statistics, using: &generator)
      return
    }
    let (_, gradients) = valueAndGradient(of: network) { network in
      switch network.result(images, statistics: &statistics, using: &generator) {
      case .vector(let scores): crossEntropy(scores, targets)
      case .maps(let maps): crossEntropy(maps, targets)
      }
    }
    optimizer.update(&network, with: gradients)
  }
}
