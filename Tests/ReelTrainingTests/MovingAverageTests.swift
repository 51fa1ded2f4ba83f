import ReelLayers
import ReelTensor
import ReelTraining
import Testing

@Suite struct MovingAverageTests {
  private func model(_ serial: Int, rows: Int = 4) -> TwoParameters {
    TwoParameters(weight: pattern([rows, 5], serial), bias: pattern([3], serial + 1))
  }

  /// The recurrence in Double.
  @Test(arguments: [0, 0.5, 0.99, 0.9999] as [Float])
  func averagesFollowTheEquation(_ decay: Float) {
    let models = (0..<40).map { model(2 * $0) }
    var average = MovingAverage(models[0], decay: decay)
    var weight = models[0].weight.values.map(Double.init)
    var bias = models[0].bias.values.map(Double.init)
    for (t, model) in models.enumerated() {
      let d = min(Double(decay), Double(1 + t) / Double(10 + t))
      #expect(abs(Double(average.nextDecay) - d) < 1e-7)
      weight = zip(weight, model.weight.values).map { d * $0 + (1 - d) * Double($1) }
      bias = zip(bias, model.bias.values).map { d * $0 + (1 - d) * Double($1) }
      average.update(with: model)
    }
    #expect(average.updates == 40)
    #expect(relativeError(average.average.weight.values, weight) < 1e-4)
    #expect(relativeError(average.average.bias.values, bias) < 1e-4)
  }

  @Test func theFirstUpdateTakesNineTenths() {
    let zero = TwoParameters(weight: Tensor(zeros: [2, 2]), bias: Tensor(zeros: [1]))
    let one = TwoParameters(
      weight: Tensor(repeating: 1, shape: [2, 2]), bias: Tensor(repeating: 1, shape: [1]))
    var average = MovingAverage(zero, decay: 0.999)
    average.update(with: one)
    #expect(average.average.weight.values.allSatisfy { abs($0 - 0.9) < 1e-6 })
  }

  /// Rounding may not move the average of weights that stand still.
  @Test func constantWeightsStayExactly() {
    let model = model(3)
    var average = MovingAverage(model, decay: 0.97)
    for _ in 0..<100 { average.update(with: model) }
    #expect(average.average.weight.bits == model.weight.bits)
  }

  @Test func anAverageRestoredGoesOnWithTheSameBytes() throws {
    var average = MovingAverage(model(0), decay: 0.99)
    for serial in 1..<20 { average.update(with: model(serial)) }
    let saved = (average.tensors, average.updates)
    #expect(saved.0.map(\.name) == ["weight", "bias"])
    let bits = saved.0.map(\.tensor.bits)

    var restored = MovingAverage(model(77), decay: 0.99)
    try restored.restore(saved.0, updates: saved.1)
    for serial in 20..<30 {
      average.update(with: model(serial))
      restored.update(with: model(serial))
    }
    #expect(restored.updates == average.updates)
    #expect(restored.average.weight.bits == average.average.weight.bits)
    #expect(restored.average.bias.bits == average.average.bias.bits)
    #expect(saved.0.map(\.tensor.bits) == bits)  // what was saved stays as it was
  }

  @Test func whatDoesNotFitIsRefused() throws {
    var average = MovingAverage(model(0), decay: 0.99)
    let before = average.average.weight.bits
    #expect(throws: ParameterMismatch.self) {
      try average.restore(
        [(name: "weight", tensor: pattern([4, 6], 1)), (name: "bias", tensor: pattern([3], 1))],
        updates: 3)
    }
    do {
      try average.restore(average.tensors, updates: -1)
      Issue.record("a negative count came through")
    } catch let error as TrainingError {
      #expect("\(error)" == "moving average of -1 updates, expected at least 0")
    }
    #expect(average.updates == 0)
    #expect(average.average.weight.bits == before)
  }

  @Test func snapshotsStayAsTheyWere() {
    let start = model(0)
    let startBits = start.weight.bits
    var average = MovingAverage(start, decay: 0.9)
    let snapshot = average.average
    let bits = snapshot.weight.bits
    average.update(with: model(5))
    #expect(snapshot.weight.bits == bits)
    #expect(start.weight.bits == startBits)
    #expect(average.average.weight.bits != bits)
  }

  @Test func threadsChangeNoBit() {
    func averaged(_ threads: Int) -> [UInt32] {
      Threads.with(threads) {
        var average = MovingAverage(model(1, rows: 20_000), decay: 0.99)
        for serial in 2..<6 { average.update(with: model(serial, rows: 20_000)) }
        return average.average.weight.bits
      }
    }
    let one = averaged(1)
    #expect(averaged(2) == one)
    #expect(averaged(5) == one)
  }

  /// The average stays where it is, and nothing is taken from the pool.
  @Test func aWarmUpdateHappensInPlace() {
    let model = model(1, rows: 300)
    var average = MovingAverage(model, decay: 0.99)
    average.update(with: model)
    let address = average.average.weight.address
    // Other tests use the pool at the same time: one quiet update among many is the proof.
    var fewest = Int.max
    for _ in 0..<200 {
      let allocations = MemoryPool.statistics.bufferAllocations
      average.update(with: model)
      fewest = min(fewest, MemoryPool.statistics.bufferAllocations - allocations)
    }
    #expect(fewest == 0)
    #expect(average.average.weight.address == address)
  }
}
