import ReelText
import Testing

@Suite struct SplitsTests {
  private func classes(_ counts: [Int], seed: UInt64) -> [Int] {
    var random = TestGenerator(state: seed)
    var classes = counts.enumerated().flatMap { [Int](repeating: $0 * 3 - 1, count: $1) }
    classes.shuffle(using: &random)
    return classes
  }

  @Test func fractions() {
    var random = TestGenerator(state: 1)
    for (count, fractions, sizes) in [
      (10, [0.8, 0.1, 0.1], [8, 1, 1]), (30, [0.9, 0.1], [27, 3]), (11, [1, 1], [6, 5]),
      (0, [0.5, 0.5], [0, 0]), (1, [0.1, 0.9], [0, 1]), (7, [2, 0, 1], [5, 0, 2]),
      (1000, [1], [1000]),
    ] as [(Int, [Double], [Int])] {
      let parts = Splits.parts(count: count, fractions: fractions, using: &random)
      #expect(parts.map(\.count) == sizes)
      #expect(parts.flatMap(\.self).sorted() == Array(0..<count))
      #expect(parts.allSatisfy { $0 == $0.sorted() })
    }
    let parts = Splits.parts(count: 1000, fractions: [0.5, 0.5], using: &random)
    // Random: about half of the first part lies in the first half.
    #expect((180...320).contains(parts[0].filter { $0 < 500 }.count))
  }

  @Test func stratified() {
    var random = TestGenerator(state: 2)
    for counts in [[100, 50, 7, 1], [3, 3, 3, 3, 3], [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [0, 9]] {
      let classes = classes(counts, seed: 3)
      let fractions = [0.7, 0.2, 0.1]
      let parts = Splits.parts(classes: classes, fractions: fractions, using: &random)
      #expect(parts.flatMap(\.self).sorted() == Array(classes.indices))
      for (part, fraction) in zip(parts, fractions) {
        for (number, count) in counts.enumerated() {
          let found = part.filter { classes[$0] == number * 3 - 1 }.count
          #expect(abs(Double(found) - fraction * Double(count)) < 1)
        }
        // Roundings cancel: without that, ten classes of one example would all be in one part.
        #expect(abs(Double(part.count) - fraction * Double(classes.count)) <= 1.001)
      }
    }
  }

  @Test func folds() {
    var random = TestGenerator(state: 4)
    for (count, k) in [(10, 5), (11, 3), (2, 2), (100, 10)] {
      let folds = Splits.folds(count: count, k: k, using: &random)
      #expect(folds.count == k)
      #expect(folds.flatMap(\.validation).sorted() == Array(0..<count))
      for fold in folds {
        #expect((fold.training + fold.validation).sorted() == Array(0..<count))
        #expect(fold.validation.count == count / k || fold.validation.count == count / k + 1)
      }
    }
  }

  @Test func stratifiedFolds() {
    var random = TestGenerator(state: 5)
    let counts = [50, 13, 4, 1]
    let classes = classes(counts, seed: 6)
    let folds = Splits.folds(classes: classes, k: 5, using: &random)
    #expect(folds.flatMap(\.validation).sorted() == Array(classes.indices))
    for fold in folds {
      #expect((13...14).contains(fold.validation.count))
      for (number, count) in counts.enumerated() {
        let found = fold.validation.filter { classes[$0] == number * 3 - 1 }.count
        #expect(found == count / 5 || found == count / 5 + 1)
      }
    }
  }

  @Test func theSeedDecides() {
    func parts(_ seed: UInt64) -> [[Int]] {
      var random = TestGenerator(state: seed)
      return Splits.parts(count: 50, fractions: [0.5, 0.5], using: &random)
        + Splits.folds(count: 50, k: 2, using: &random).map(\.validation)
    }
    #expect(parts(1) == parts(1))
    #expect(parts(1) != parts(2))
  }

  @Test func misuseEndsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var random = SystemRandomNumberGenerator()
      _ = Splits.parts(count: 3, fractions: [0.5, -0.5], using: &random)
    }
    await #expect(processExitsWith: .failure) {
      var random = SystemRandomNumberGenerator()
      _ = Splits.folds(count: 3, k: 4, using: &random)
    }
  }
}
