import ReelLayers
import ReelTensor
import ReelTraining
import Testing

@Suite struct OptimizerStateTests {
  @Test(arguments: OptimizerConfiguration.Rule.allCases)
  func restoredOptimizerContinuesWithTheSameBytes(_ rule: OptimizerConfiguration.Rule) throws {
    func step(_ model: inout TwoParameters, _ optimizer: inout any Optimizer, _ number: Int) {
      let gradients = model.gradients(
        weight: pattern([4, 5], 10 + number), bias: pattern([3], 50 + number))
      optimizer.update(&model, with: gradients)
    }
    var configuration = OptimizerConfiguration(rule)
    if rule == .rmsprop { configuration.momentum = 0.9 }
    var model = TwoParameters(weight: pattern([4, 5], 1), bias: pattern([3], 2))
    var optimizer = try configuration.makeOptimizer()
    for number in 0..<3 { step(&model, &optimizer, number) }

    let state = optimizer.state
    var resumedModel = model
    var resumed = try configuration.makeOptimizer()
    try resumed.restore(state, for: resumedModel)
    #expect(resumed.state.parameters == state.parameters)
    for number in 3..<6 {
      step(&model, &optimizer, number)
      step(&resumedModel, &resumed, number)
    }
    #expect(resumedModel.weight.bits == model.weight.bits)
    #expect(resumedModel.bias.bits == model.bias.bits)
    // What was saved did not change with the training that went on.
    #expect(state.parameters.allSatisfy { $0.steps == 3 })
    for (saved, now) in zip(state.tensors, optimizer.state.tensors) {
      #expect(saved.name == now.name)
      #expect(saved.tensor.bits != now.tensor.bits)
    }
  }

  @Test func namesOfTheTensors() {
    var model = TwoParameters(weight: pattern([4, 5], 1), bias: pattern([3], 2))
    var optimizer = Adam()
    #expect(optimizer.state.tensors.isEmpty)
    optimizer.update(&model, with: model.gradients(weight: model.weight, bias: nil))
    #expect(
      optimizer.state.tensors.map(\.name)
        == ["weight.mean", "weight.squares", "bias.mean", "bias.squares"])
  }

  @Test func wrongStatesAreRefused() throws {
    var model = TwoParameters(weight: pattern([4, 5], 1), bias: pattern([3], 2))
    var adam = Adam()
    adam.update(&model, with: model.gradients(weight: model.weight, bias: model.bias))
    let state = adam.state

    func message(_ body: () throws -> Void) -> String? {
      do { try body() } catch { return "\(error)" }
      return nil
    }
    var sgd = SGD()
    #expect(
      message { try sgd.restore(state) } == "optimizer state of the rule 'adam', expected 'sgd'")
    var fresh = Adam()
    let table = Table(table: pattern([2, 2], 1))
    #expect(
      message { try fresh.restore(state, for: table) }
        == "optimizer state of 2 parameters, expected 1 as in the model")
    let wider = TwoParameters(weight: pattern([4, 6], 1), bias: pattern([3], 2))
    #expect(
      message { try fresh.restore(state, for: wider) }
        == "optimizer state of weight [4, 5], expected weight [4, 6] as in the model")
    let cut = OptimizerState(
      rule: "adam", parameters: state.parameters, tensors: Array(state.tensors.dropLast()))
    #expect(
      message { try fresh.restore(cut) }
        == "optimizer state of 3 tensors, expected 4: mean and squares of 2 parameters")
    var swapped = state.tensors
    swapped.swapAt(0, 1)
    #expect(
      message {
        try fresh.restore(
          OptimizerState(rule: "adam", parameters: state.parameters, tensors: swapped))
      } == "optimizer state weight.squares [4, 5], expected weight.mean [4, 5]")
    #expect(fresh.state.parameters.isEmpty)
  }

  /// Parameters and running quantities stay where they are, and nothing is taken from the pool.
  @Test(arguments: OptimizerConfiguration.Rule.allCases)
  func aWarmStepHappensInPlace(_ rule: OptimizerConfiguration.Rule) throws {
    var model = TwoParameters(weight: pattern([300, 200], 1), bias: pattern([300], 2))
    var optimizer = try OptimizerConfiguration(rule).makeOptimizer()
    let gradients = model.gradients(weight: pattern([300, 200], 3), bias: pattern([300], 4))
    optimizer.update(&model, with: gradients)

    func addresses() -> [Int] {
      [model.weight.address, model.bias.address] + optimizer.state.tensors.map(\.tensor.address)
    }
    let before = addresses()
    // Other tests use the pool at the same time: one quiet step among many is the proof.
    var fewest = Int.max
    for _ in 0..<200 {
      let allocations = MemoryPool.statistics.bufferAllocations
      optimizer.update(&model, with: gradients)
      fewest = min(fewest, MemoryPool.statistics.bufferAllocations - allocations)
    }
    #expect(fewest == 0)
    #expect(addresses() == before)
  }

  @Test func aSnapshotStaysAsItWas() {
    var model = TwoParameters(weight: pattern([4, 5], 1), bias: pattern([3], 2))
    let snapshot = model
    let values = snapshot.weight.bits
    var optimizer = SGD()
    optimizer.update(&model, with: model.gradients(weight: model.weight, bias: nil))
    #expect(snapshot.weight.bits == values)
    #expect(model.weight.bits != values)
  }
}
