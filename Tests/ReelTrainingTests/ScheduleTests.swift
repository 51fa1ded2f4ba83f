import Foundation
import ReelTraining
import Testing

@Suite struct ScheduleTests {
  private func rates(
    _ schedule: LearningRateSchedule, steps: [Int], total: Int = 100
  ) -> [Float] {
    steps.map { schedule.rate(base: 2, step: $0, totalSteps: total) }
  }

  private func close(_ a: [Float], _ b: [Float]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= 1e-6 * max(abs($1), 1) }
  }

  @Test func valuesAtKeyPoints() {
    #expect(rates(.constant, steps: [0, 50, 100]) == [2, 2, 2])
    #expect(
      rates(.step(every: 10, factor: 0.5), steps: [0, 9, 10, 19, 20, 35]) == [
        2, 2, 1, 1, 0.5, 0.25,
      ])
    #expect(
      close(
        rates(.exponential(every: 10, factor: 0.25), steps: [0, 5, 10, 20]), [2, 1, 0.5, 0.125]))
    #expect(close(rates(.linear(final: 0.5), steps: [0, 50, 100, 120]), [2, 1.5, 1, 1]))
    #expect(
      close(
        rates(.cosine(final: 0), steps: [0, 25, 50, 75, 100]),
        [2, 1 + Float(0.5).squareRoot(), 1, 1 - Float(0.5).squareRoot(), 0]))
    #expect(close(rates(.cosine(final: 0.1), steps: [0, 50, 100]), [2, 1.1, 0.2]))
  }

  @Test func warmUp() {
    #expect(
      close(
        rates(.warmUp(steps: 4, then: .constant), steps: [0, 1, 2, 3, 4, 50]),
        [0.5, 1, 1.5, 2, 2, 2]))
    let cosine = LearningRateSchedule.cosine(final: 0)
    #expect(
      close(
        rates(.warmUp(steps: 10, then: cosine), steps: [50, 100]),
        rates(cosine, steps: [50, 100])))
    let share = LearningRateSchedule.warmUpShare(0.2, then: cosine)
    #expect(close(rates(share, steps: [0, 10, 20, 60, 100]), [0, 1, 2, 1, 0]))
  }

  @Test func aTrainingBoundedByTime() {
    let schedule = LearningRateSchedule.cosine(final: 0)
    #expect(schedule.rate(base: 2, step: 123_456, share: 0.5) == 1)
    #expect(schedule.rate(base: 2, step: 123_456, share: 1.5) == 0)
    #expect(schedule.rate(base: 2, step: 0, share: -1) == 2)
  }

  @Test func codable() throws {
    let schedule = LearningRateSchedule.warmUp(
      steps: 10, then: .warmUpShare(0.1, then: .step(every: 3, factor: 0.1)))
    let data = try JSONEncoder().encode(schedule)
    #expect(try JSONDecoder().decode(LearningRateSchedule.self, from: data) == schedule)
  }

  @Test(
    arguments: [
      (.step(every: 0, factor: 0.5), "every 0 steps: at least 1 is expected"),
      (
        .exponential(every: 5, factor: .nan),
        "factor nan: a number above 0 and at most 1 is expected"
      ),
      (
        .cosine(final: -1),
        "final share -1.0 of the rate: a number of at least 0 and at most 1 is expected"
      ),
      (.warmUp(steps: 0, then: .constant), "warm-up of 0 steps: at least 1 is expected"),
      (
        .warmUpShare(1, then: .constant),
        "warm-up over the share 1.0: a number above 0 and below 1 is expected"
      ),
      (
        .warmUp(steps: 3, then: .step(every: -2, factor: 0.5)),
        "every -2 steps: at least 1 is expected"
      ),
    ] as [(LearningRateSchedule, String)])
  func validation(_ schedule: LearningRateSchedule, _ expected: String) {
    #expect(throws: TrainingError("learning-rate schedule: \(expected)")) {
      try schedule.validate()
    }
  }

  @Test func reduceOnPlateau() throws {
    var plateau = ReduceOnPlateau(
      factor: 0.5, patience: 1, threshold: 0.1, cooldown: 2, minimum: 0.2)
    try plateau.validate()
    // 9.5 is no improvement by a tenth; the second bad one is one more than patience allows.
    let losses = [10, 9.5, 9.2, 9.1, 9.1, 9.1, 9.1, 4, 4, .nan, 4, 4, 4, 4]
    var scales: [Double] = []
    for loss in losses {
      plateau.observe(loss)
      scales.append(plateau.scale)
    }
    #expect(
      scales
        == [1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25, 0.2, 0.2, 0.2, 0.2])
    #expect(plateau.best == 4)
    // A copy that went through JSON goes on in the same way.
    var copy = try JSONDecoder().decode(
      ReduceOnPlateau.self, from: JSONEncoder().encode(plateau))
    #expect(copy == plateau)
    let (again, direct) = (copy.observe(4), plateau.observe(4))
    #expect(again == direct && copy == plateau)
    #expect(throws: TrainingError.self) { try ReduceOnPlateau(factor: 1).validate() }
  }

  @Test func earlyStopping() throws {
    var stopping = EarlyStopping(patience: 2, minimumImprovement: 0.1)
    var improved: [Bool] = []
    var stops: [Bool] = []
    for loss in [2, 1.95, 1.8, .nan, 1.9] {
      improved.append(stopping.observe(loss))
      stops.append(stopping.shouldStop)
    }
    #expect(improved == [true, false, true, false, false])
    #expect(stops == [false, false, false, false, true])
    #expect(stopping.best == 1.8)
    var never = EarlyStopping(patience: nil)
    for _ in 0..<100 { never.observe(1) }
    #expect(!never.shouldStop)
    #expect(
      throws: TrainingError("early stopping: patience 0: at least 1 is expected")
    ) { try EarlyStopping(patience: 0).validate() }
  }

  @Test func metrics() {
    var mean = RunningMean()
    #expect(mean.mean == nil)
    mean.add(1, weight: 3)
    mean.add(5)
    #expect(mean.mean == 2)
    #expect(CrossEntropyUnits.bits(nats: log(8)) == 3)
    #expect(abs(CrossEntropyUnits.perplexity(nats: log(65)) - 65) < 1e-12)
  }
}
