import Foundation
import ReelFormats
import ReelLayers
import ReelTensor
import ReelTraining
import Testing

private struct LoopState: Codable, Sendable, Equatable {
  var step = 3
  var generator = RandomGenerator(seed: .max, stream: 1 << 63)
  var plateau = ReduceOnPlateau()
  var stopping = EarlyStopping(patience: 3)
  var doubles: [Double] = []
  var floats: [Float] = []
}

@Suite struct CheckpointTests {
  private func withFolder<R>(_ body: (String) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("reel-checkpoint-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.appendingPathComponent("checkpoint.safetensors").path)
  }

  private func train(
    _ model: inout TwoParameters, _ optimizer: inout any Optimizer, _ steps: Range<Int>
  ) {
    for step in steps {
      let gradients = model.gradients(
        weight: pattern([4, 5], 10 + step), bias: pattern([3], 50 + step))
      optimizer.update(&model, with: gradients)
    }
  }

  @Test(arguments: OptimizerConfiguration.Rule.allCases)
  func resumedTrainingHasTheSameBytes(_ rule: OptimizerConfiguration.Rule) throws {
    var model = TwoParameters(weight: pattern([4, 5], 1), bias: pattern([3], 2))
    var optimizer = try OptimizerConfiguration(rule).makeOptimizer()
    train(&model, &optimizer, 0..<4)
    try withFolder { path in
      try Checkpoint(
        model: NamedTensors(model.parameters), optimizer: optimizer.state, progress: LoopState()
      ).write(to: path)
      train(&model, &optimizer, 4..<8)

      let saved = try Checkpoint<LoopState>.read(path)
      var resumed = TwoParameters(weight: Tensor(zeros: [4, 5]), bias: Tensor(zeros: [3]))
      try resumed.load(saved.model)
      var fresh = try OptimizerConfiguration(rule).makeOptimizer()
      try fresh.restore(saved.optimizer, for: resumed)
      train(&resumed, &fresh, 4..<8)
      #expect(resumed.weight.bits == model.weight.bits)
      #expect(resumed.bias.bits == model.bias.bits)
      #expect(saved.best == nil && saved.state.isEmpty)
    }
  }

  @Test func everythingComesBackExactly() throws {
    var generator = RandomGenerator(seed: 4)
    var loop = LoopState()
    _ = loop.generator.next()
    loop.plateau.observe(.infinity)
    loop.stopping.observe(0.1)
    loop.doubles = [
      .infinity, -.infinity, 0.1, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude,
    ]
    loop.floats = [.infinity, 0.1, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
    for _ in 0..<5000 {
      let double = Double(bitPattern: generator.next())
      if double.isFinite { loop.doubles.append(double) }
      let float = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
      if float.isFinite { loop.floats.append(float) }
    }
    try withFolder { path in
      // Names with dots and tensors of every rank, empty ones included.
      let model: NamedTensors = [
        "a.0.weight": pattern([2, 3], 1), "best.b": Tensor(7), "c": Tensor(zeros: [0, 4]),
      ]
      let best: NamedTensors = ["a.0.weight": pattern([2, 3], 2)]
      let carried: NamedTensors = ["hidden.0": pattern([3, 2], 3)]
      let checkpoint = Checkpoint(
        model: model, best: best, optimizer: Adam().state, state: carried, progress: loop)
      try checkpoint.write(to: path)
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      let read = try Checkpoint<LoopState>.read(path)
      for (name, tensor) in model { #expect(read.model[name] == tensor) }
      #expect(read.model.count == 3)
      #expect(read.best == best)
      #expect(read.state == carried)
      #expect(read.progress == loop)
      #expect(read.progress.doubles.map(\.bitPattern) == loop.doubles.map(\.bitPattern))
      #expect(read.progress.floats.map(\.bitPattern) == loop.floats.map(\.bitPattern))
      try read.write(to: path)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }
  }

  @Test func otherFilesAreRefusedInOneLine() throws {
    func message(_ path: String) -> String {
      let result = Result { try Checkpoint<LoopState>.read(path) }
      guard case .failure(let error) = result else { return "no error" }
      return "\(error)"
    }
    try withFolder { path in
      #expect(message(path).contains(path))
      try Safetensors.write(["a": Tensor(1)], to: path)
      #expect(
        message(path)
          == "\(path): format 'none', expected 'reel-checkpoint' (a checkpoint of a training)")
      try Safetensors.write(
        ["a": Tensor(1)], metadata: ["format": "reel-checkpoint", "version": "9"], to: path)
      #expect(message(path) == "\(path): checkpoint version '9', expected version 1")
      struct Other: Codable { var epoch = 1 }
      try Checkpoint(model: [:], optimizer: Adam().state, progress: Other()).write(to: path)
      #expect(message(path).hasPrefix("\(path): 'progress' in the metadata that does not decode"))
      #expect(!message(path).contains("\n"))
      try Checkpoint(model: ["w": pattern([9], 1)], optimizer: Adam().state, progress: LoopState())
        .write(to: path)
      let whole = try Data(contentsOf: URL(fileURLWithPath: path))
      try whole.dropLast(4).write(to: URL(fileURLWithPath: path))
      #expect(message(path).hasPrefix(path) && !message(path).contains("\n"))
    }
  }
}
