import Foundation
import ReelFormats
import ReelLayers
import ReelTensor
import ReelTraining
import Testing

/// The moving statistics of a batch normalization are saved with the parameters, and are none.
@Suite struct BufferTests {
  private struct Net: Module {
    var first: Linear
    var norm: BatchNorm
    var last: Linear

    init(seed: UInt64) {
      var generator = RandomGenerator(seed: seed)
      first = Linear(3, 4, using: &generator)
      norm = BatchNorm(4)
      last = Linear(4, 1, using: &generator)
    }

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("first", &first)
      visitor.visit("norm", &norm)
      visitor.visit("last", &last)
    }

    func callAsFunction(_ x: Tensor, statistics: inout BatchStatistics?) -> Tensor {
      last(norm(first(x), statistics: &statistics).tanh())
    }
  }

  private struct Training {
    var net = Net(seed: 1)
    var optimizer: any Optimizer
    var average: MovingAverage<Net>

    init() throws {
      optimizer = try OptimizerConfiguration(.adam, learningRate: 0.05).makeOptimizer()
      average = MovingAverage(net, decay: 0.9)
    }

    /// The squared error of a fixed map; returns the loss.
    mutating func step(_ serial: Int) -> Float {
      var statistics: BatchStatistics? = BatchStatistics()
      let x = pattern([8, 3], serial)
      let wanted = x.sum(axis: 1, keepingAxis: true)
      let (loss, gradients) = valueAndGradient(of: net) { net in
        (net(x, statistics: &statistics) - wanted).squared().mean()
      }
      optimizer.update(&net, with: gradients, scale: 1)
      net.update(with: statistics)
      average.update(with: net)
      return loss.scalar
    }
  }

  private let bufferNames = ["norm.running_mean", "norm.running_var"]

  @Test func trainedByNobody() throws {
    var training = try Training()
    let losses = (0..<60).map { training.step($0) }
    #expect(losses[55...].reduce(0, +) < 0.3 * losses[..<5].reduce(0, +))
    #expect(!training.optimizer.state.parameters.contains { bufferNames.contains($0.path) })
    let before = training.net.norm
    let (_, gradients) = valueAndGradient(of: training.net) { net in
      var none: BatchStatistics?
      return net(pattern([4, 3], 1), statistics: &none).sum()
    }
    #expect(!gradients.entries.contains { bufferNames.contains($0.path) })
    training.optimizer.update(&training.net, with: gradients, scale: 1)
    #expect(training.net.norm.runningMean.bits == before.runningMean.bits)
    #expect(training.net.norm.weight.bits != before.weight.bits)
  }

  @Test func theAverageTakesThemAsTheyAre() throws {
    var training = try Training()
    for serial in 0..<5 { _ = training.step(serial) }
    let (average, net) = (training.average, training.net)
    #expect(average.average.norm.runningMean.bits == net.norm.runningMean.bits)
    #expect(average.average.norm.runningVariance.bits == net.norm.runningVariance.bits)
    #expect(average.average.norm.weight.bits != net.norm.weight.bits)
    #expect(average.tensors.map(\.name) == net.savedTensors.map(\.path))
    _ = training.step(5)
    #expect(average.average.norm.runningMean.bits == net.norm.runningMean.bits)  // a snapshot
  }

  /// Stopped after three steps and resumed from a file, the training goes on with the same bytes.
  @Test func resumedWithTheSameBytes() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("buffers-\(UUID().uuidString).safetensors").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var training = try Training()
    for serial in 0..<3 { _ = training.step(serial) }
    try Checkpoint(
      model: NamedTensors(training.net.savedTensors), optimizer: training.optimizer.state,
      state: NamedTensors(training.average.tensors), progress: training.average.updates
    ).write(to: path)

    var resumed = try Training()
    resumed.net = Net(seed: 2)
    let checkpoint = try Checkpoint<Int>.read(path)
    try resumed.net.load(checkpoint.model)
    try resumed.optimizer.restore(checkpoint.optimizer, for: resumed.net)
    try resumed.average.restore(checkpoint.state, updates: checkpoint.progress)
    for serial in 3..<6 {
      #expect(training.step(serial).bitPattern == resumed.step(serial).bitPattern)
    }
    for (one, other) in [
      (training.net, resumed.net), (training.average.average, resumed.average.average),
    ] {
      for (a, b) in zip(one.savedTensors, other.savedTensors) {
        #expect(a.path == b.path && a.tensor.bits == b.tensor.bits)
      }
    }
  }

  @Test func aFileWithoutThemIsRefused() {
    var net = Net(seed: 1)
    let error = #expect(throws: ParameterMismatch.self) {
      try net.load(NamedTensors(Net(seed: 2).parameters))
    }
    #expect(error?.missing == bufferNames)
  }

  /// PyTorch's count of batches may stand beside the moving statistics, and nowhere else.
  @Test func theBatchCountIsPassedBy() throws {
    var net = Net(seed: 1)
    var tensors = NamedTensors(Net(seed: 2).savedTensors)
    tensors["norm.num_batches_tracked"] = Tensor(7)
    try net.load(tensors)
    #expect(net.first.weight == Net(seed: 2).first.weight)
    tensors["first.num_batches_tracked"] = Tensor(7)
    let error = #expect(throws: ParameterMismatch.self) { try net.load(tensors) }
    #expect(error?.unexpected == ["first.num_batches_tracked"])
  }
}
