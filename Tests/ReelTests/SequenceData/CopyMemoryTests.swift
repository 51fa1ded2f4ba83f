import Foundation
import Reel
import Testing

@Suite struct CopyMemoryTests {
  @Test func theTaskOfThePaper() {
    let task = CopyMemory(blanks: 500)
    #expect(task.length == 520 && task.classes == 10)
    #expect(abs(task.baseline - 10 * log(8) / 520) < 1e-12)
    var generator = RandomGenerator(seed: 1)
    let batch = task.batch(50, using: &generator)
    var seen: Set<Int32> = []
    for row in 0..<50 {
      let (input, target) = (batch.inputs[row], batch.targets[row])
      #expect(input.count == 520 && target.count == 520)
      #expect(input[..<10].allSatisfy { (1...8).contains($0) })
      #expect(input[10..<509].allSatisfy { $0 == 0 } && input[509...].allSatisfy { $0 == 9 })
      #expect(target[..<510].allSatisfy { $0 == 0 })
      #expect(Array(target[510...]) == Array(input[..<10]))
      seen.formUnion(input[..<10])
    }
    #expect(seen == Set(1...8))
    #expect(batch.inputs[0] != batch.inputs[1])
  }

  @Test func recallCountsTheRememberedSymbolsAlone() {
    let task = CopyMemory(blanks: 3, memory: 2, symbols: 3)
    var generator = RandomGenerator(seed: 2)
    let batch = task.batch(4, using: &generator)
    #expect(task.recall(batch.targets.oneHot(classes: 5), batch.targets) == 1)
    #expect(task.recall(batch.inputs.oneHot(classes: 5), batch.targets) == 0)
    // Three of the four rows are right.
    var rows = (0..<4).map { batch.targets[$0] }
    rows[2] = [0, 0, 0, 0, 0, 0, 0]
    #expect(task.recall(TokenSequences(rows).oneHot(classes: 5), batch.targets) == 0.75)
    var same = RandomGenerator(seed: 2)
    #expect(task.batch(4, using: &same).inputs[3] == batch.inputs[3])
  }

  @Test func theSmallestTask() {
    var generator = RandomGenerator(seed: 3)
    let batch = CopyMemory(blanks: 1, memory: 1, symbols: 1).batch(1, using: &generator)
    #expect(batch.inputs[0] == [1, 2, 2] && batch.targets[0] == [0, 0, 1])
  }
}
