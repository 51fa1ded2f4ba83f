import ReelText
import Testing

@Suite struct BatchesTests {
  /// 5,000 lengths with the long tail of sentences: 1 to 100, mean about 25.
  private func sentenceLengths() -> [Int] {
    var random = TestGenerator(state: 1)
    return (0..<5000).map { _ in
      // The sum of two geometric numbers: few short ones, a mode, a tail.
      var length = 1
      for _ in 0..<2 {
        while length < 100, Int.random(in: 0..<13, using: &random) > 0 { length += 1 }
      }
      return length
    }
  }

  @Test func everyExampleOnce() {
    var random = TestGenerator(state: 2)
    for count in [0, 1, 5, 6, 7, 100] {
      for size in [1, 2, 7, 200] {
        let lengths = (0..<count).map { $0 * 7 % 5 }
        for batches in [
          Batches.inOrder(count: count, size: size),
          Batches.shuffled(count: count, size: size, using: &random),
          Batches.byLength(lengths, size: size, window: 3, using: &random),
        ] {
          #expect(batches.flatMap(\.self).sorted() == Array(0..<count))
          #expect(batches.count == (count + size - 1) / size)
          #expect(batches.filter { $0.count != size }.count <= 1)
        }
        for batches in [
          Batches.inOrder(count: count, size: size, dropsLast: true),
          Batches.shuffled(count: count, size: size, dropsLast: true, using: &random),
          Batches.byLength(lengths, size: size, window: 3, dropsLast: true, using: &random),
        ] {
          #expect(batches.count == count / size)
          #expect(batches.allSatisfy { $0.count == size })
          #expect(Set(batches.flatMap(\.self)).count == count / size * size)
        }
      }
    }
    #expect(Batches.inOrder(count: 5, size: 2) == [[0, 1], [2, 3], [4]])
  }

  @Test func theSeedDecides() {
    let lengths = sentenceLengths()
    func batches(_ seed: UInt64) -> [[Int]] {
      var random = TestGenerator(state: seed)
      return Batches.byLength(lengths, size: 32, using: &random)
        + Batches.shuffled(count: 100, size: 3, using: &random)
    }
    #expect(batches(1) == batches(1))
    #expect(batches(1) != batches(2))
    // A second epoch from the same generator is another one.
    var random = TestGenerator(state: 1)
    let first = Batches.byLength(lengths, size: 32, using: &random)
    let second = Batches.byLength(lengths, size: 32, using: &random)
    #expect(Set(first.map { Set($0) }).isDisjoint(with: second.map { Set($0) }))
  }

  /// The figures of the documentation of `byLength`.
  @Test func lengthsInABatchLieClose() {
    let lengths = sentenceLengths()
    let mean = Double(lengths.reduce(0, +)) / 5000
    #expect((24...26).contains(mean))
    func figures(_ window: Int) -> (padding: Double, spread: Double) {
      var random = TestGenerator(state: 3)
      let batches = Batches.byLength(lengths, size: 32, window: window, using: &random)
      return (
        Batches.paddingFraction(of: batches, lengths: lengths),
        Batches.meanSpread(of: batches, lengths: lengths)
      )
    }
    for (window, padding, spread) in [
      (1, 0.66, 71), (20, 0.10, 4.9), (50, 0.037, 1.8), (1000, 0.011, 0.6),
    ] {
      let found = figures(window)
      #expect(abs(found.padding - padding) < 0.1 * padding, "window \(window): \(found)")
      #expect(abs(found.spread - spread) < 0.1 * spread, "window \(window): \(found)")
    }
  }

  @Test func batchesComeInNoOrderOfLength() {
    let lengths = sentenceLengths()
    var random = TestGenerator(state: 4)
    let batches = Batches.byLength(lengths, size: 32, window: 1000, using: &random)
    let means = batches.map { Double($0.reduce(0) { $0 + lengths[$1] }) / Double($0.count) }
    // As many steps up as down, within 4 standard deviations of a random order: (n + 1) / 12.
    let ups = zip(means, means.dropFirst()).filter { $0 < $1 }.count
    let expected = Double(means.count - 1) / 2
    #expect(abs(Double(ups) - expected) < 4 * (Double(means.count + 1) / 12).squareRoot())
  }

  @Test func measures() {
    let lengths = [1, 3, 2, 0, 0]
    #expect(Batches.paddingFraction(of: [[0, 1], [2]], lengths: lengths) == 0.25)
    #expect(Batches.meanSpread(of: [[0, 1], [2]], lengths: lengths) == 1)
    #expect(Batches.paddingFraction(of: [[3, 4]], lengths: lengths) == 0)
    #expect(Batches.paddingFraction(of: [], lengths: []) == 0)
    #expect(Batches.meanSpread(of: [], lengths: []) == 0)
  }

  @Test func misuseEndsTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = Batches.inOrder(count: 3, size: 0) }
    await #expect(processExitsWith: .failure) {
      var random = SystemRandomNumberGenerator()
      _ = Batches.byLength([1], size: 1, window: 0, using: &random)
    }
  }
}
