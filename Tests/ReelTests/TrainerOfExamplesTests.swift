import Foundation
import Reel
import Testing

/// A linear regression y = w·x + b: as small as a model can be.
private struct LineModel: TrainableModel {
  struct Network: Module {
    var line: Linear
    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("line", &line)
    }
  }
  struct Example: Sendable {
    var x: Float
    var y: Float
  }
  struct Evaluation: TaskEvaluation {
    var loss: Double
    var score: Double { -loss }
    var figures: [(name: String, value: Double)] { [("loss", loss)] }
  }

  var network: Network

  init(seed: UInt64 = 1) {
    var generator = RandomGenerator(seed: seed)
    network = Network(line: Linear(1, 1, using: &generator))
  }

  func length(of example: Example) -> Int { example.x < 0 ? 1 : 2 }

  func loss(_ network: Network, _ batch: [Example], _ context: inout LossContext) -> Tensor {
    let x = Tensor(shape: [batch.count, 1], values: batch.map(\.x))
    let y = Tensor(shape: [batch.count, 1], values: batch.map(\.y))
    // Dropout of the input is there to use the generator.
    return (network.line(Dropout(0.1)(x, using: &context.generator)) - y).squared().mean()
  }

  func evaluate(_ examples: [Example]) -> Evaluation {
    var context = LossContext()
    return Evaluation(loss: Double(loss(network, examples, &context).scalar))
  }

  func save(to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Safetensors.write(NamedTensors(network.parameters), to: folder + "/model.safetensors")
  }

  init(folder: String) throws {
    self.init(seed: 0)
    try network.load(Safetensors.read(folder + "/model.safetensors").tensors)
  }
}

@Suite struct TrainerOfExamplesTests {
  private let training: [LineModel.Example]
  private let validation: [LineModel.Example]

  init() {
    var generator = RandomGenerator(seed: 3)
    func examples(_ count: Int) -> [LineModel.Example] {
      (0..<count).map { _ in
        let x = Float.random(in: -1...1, using: &generator)
        return LineModel.Example(x: x, y: 3 * x - 1)
      }
    }
    (training, validation) = (examples(50), examples(10))
  }

  private func settings(_ change: (inout TrainingSettings) -> Void = { _ in }) -> TrainingSettings {
    var settings = TrainingSettings()
    settings.batch = 8
    settings.epochs = 4
    settings.optimizer = OptimizerConfiguration(.adam, learningRate: 0.05)
    settings.seed = 5
    change(&settings)
    return settings
  }

  private func bits(_ model: LineModel) -> [[UInt32]] {
    model.network.parameters.map { $0.tensor.values.map(\.bitPattern) }
  }

  @Test func learnsAndCounts() throws {
    var events: [Double] = []
    var trainer = try Trainer(
      LineModel(), training: training, validation: validation,
      settings: settings { $0.epochs = 60 })
    #expect(trainer.stepsPerEpoch == 7 && trainer.totalSteps == 420)
    let end = try trainer.train { trainer, event in
      if case .evaluation(let evaluation) = event {
        events.append(evaluation.loss)
        #expect(trainer.position.epoch == events.count)
      }
    }
    #expect(end == .finished && trainer.position.step == 420 && trainer.share == 1)
    #expect(events.count == 60 && trainer.position.bestScore == -(events.min() ?? 0))
    // Dropout of the input pulls the slope of the best line down, to 0.9·3.
    #expect(trainer.best.evaluate(validation).loss < 0.1)
  }

  @Test(arguments: [nil, 0.9] as [Float?], [1, 6, 7, 8, 20])
  func stoppedAndResumedGivesTheSameBytes(averaging: Float?, stop: Int) throws {
    let settings = settings {
      $0.averaging = averaging
      $0.plateau = ReduceOnPlateau(factor: 0.5, patience: 0)
    }
    var straight = try Trainer(
      LineModel(), training: training, validation: validation, settings: settings)
    try straight.train()
    try withTemporaryFolder { folder in
      var first = try Trainer(
        LineModel(), training: training, validation: validation, settings: settings)
      var steps = 0
      let end = try first.train { _, event in
        if case .step = event { steps += 1 }
      } shouldStop: {
        steps == stop
      }
      #expect(end == .stopped && first.position.step == stop)
      try first.save(to: folder)
      var second = try Trainer<LineModel>(
        resuming: folder, training: training, validation: validation)
      #expect(bits(second.model) == bits(first.model) && bits(second.best) == bits(first.best))
      #expect(try second.train() == .finished)
      #expect(bits(second.model) == bits(straight.model))
      #expect(bits(second.best) == bits(straight.best))
      #expect(second.position.bestStep == straight.position.bestStep)
    }
  }

  @Test func theAverageIsWhatIsKept() throws {
    var trainer = try Trainer(
      LineModel(), training: training, settings: settings { $0.averaging = 0.95 })
    try trainer.train()
    #expect(bits(trainer.best) != bits(trainer.model))
    var plain = try Trainer(LineModel(), training: training, settings: settings())
    try plain.train()
    #expect(bits(plain.model) == bits(trainer.model) && bits(plain.best) == bits(plain.model))
  }

  @Test func patienceEndsTheTraining() throws {
    var trainer = try Trainer(
      LineModel(), training: training, validation: validation,
      settings: settings {
        $0.epochs = 500
        $0.patience = 2
        $0.schedule = .constant
      })
    #expect(try trainer.train() == .stoppedEarly)
    #expect(trainer.position.epoch < 500)
  }

  @Test func whatCannotBe() throws {
    func message(_ body: () throws -> Void) -> String {
      do {
        try body()
        return "nothing was thrown"
      } catch { return "\(error)" }
    }
    #expect(
      message { _ = try Trainer(LineModel(), training: []) }
        == "the training set is empty: at least 1 example is expected")
    #expect(
      message {
        _ = try Trainer(LineModel(), training: training, settings: settings { $0.batch = 0 })
      } == "batch 0: a number from 1 to 1000000 is expected")
    #expect(
      message {
        _ = try Trainer(LineModel(), training: training, settings: settings { $0.averaging = 1 })
      } == "averaging 1.0: a number of at least 0 and below 1 is expected")
    var broken = training
    broken[0].y = .infinity
    #expect(
      message {
        var trainer = try Trainer(LineModel(), training: broken, settings: settings())
        try trainer.train()
      }.contains("the loss is inf at step"))
    try withTemporaryFolder { folder in
      var trainer = try Trainer(LineModel(), training: training, settings: settings())
      try trainer.train()
      try trainer.save(to: folder)
      let less = Array(training.dropLast())
      #expect(
        message { _ = try Trainer<LineModel>(resuming: folder, training: less) }
          .contains("the corpus has 49 examples and 0 held out"))
      #expect(
        message {
          _ = try Trainer<LineModel>(resuming: folder, training: training) { $0.batch = 3 }
        }.contains("batch 3 and seed 5: the training to resume was started with 8 and 5"))
    }
  }
}
