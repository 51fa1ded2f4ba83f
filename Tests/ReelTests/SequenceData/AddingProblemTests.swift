import Reel
import Testing

@Suite struct AddingProblemTests {
  @Test func twoMarksAndTheirSum() {
    var generator = RandomGenerator(seed: 3)
    let batch = AddingProblem(lengths: 2...9).batch(200, using: &generator)
    #expect(batch.sums.shape == [200, 1] && batch.inputs.featureCount == 2)
    #expect(Set(batch.inputs.lengths) == Set(2...9))
    for row in 0..<200 {
      let values = batch.inputs[row].values
      let pairs = stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
      #expect(pairs.allSatisfy { (0..<1).contains($0.0) && ($0.1 == 0 || $0.1 == 1) })
      let marked = pairs.filter { $0.1 == 1 }.map(\.0)
      #expect(marked.count == 2)
      // The order of the two may differ from that of the sum.
      #expect(abs(marked.reduce(0, +) - batch.sums[row, 0]) < 1e-6)
    }
  }

  @Test func marksAreUniformAndSumsVaryAsTheBaselineSays() {
    var generator = RandomGenerator(seed: 4)
    let batch = AddingProblem(length: 10).batch(4000, using: &generator)
    let padded = batch.inputs.padded().values
    for time in 0..<10 {
      let marks = (0..<4000).reduce(0) { $0 + Int(padded[($1 * 10 + time) * 2 + 1]) }
      #expect(abs(marks - 800) < 100, "step \(time): \(marks)")
    }
    let error = batch.sums.values.reduce(0.0) { $0 + Double(($1 - 1) * ($1 - 1)) } / 4000
    #expect(abs(error - AddingProblem.baseline) < 0.01)
  }

  @Test func theSeedDecides() {
    var (first, second) = (RandomGenerator(seed: 5), RandomGenerator(seed: 5))
    let problem = AddingProblem(length: 20)
    let batch = problem.batch(3, using: &first)
    #expect(batch.inputs.padded() == problem.batch(3, using: &second).inputs.padded())
    #expect(batch.inputs.padded() != problem.batch(3, using: &second).inputs.padded())
    #expect(problem.batch(0, using: &first).sums.shape == [0, 1])
  }
}
