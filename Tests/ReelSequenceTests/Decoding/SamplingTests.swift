import Foundation
import ReelSequence
import ReelTensor
import Testing

@Suite struct SamplingTests {
  static let scores: [Float] = [0.3, -1.2, 2.1, 0.9, 2.1, -0.4]

  static func probabilities(_ scores: [Float], temperature: Double) -> [Double] {
    let weights = scores.map { exp(Double($0) / temperature) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  /// How often each token comes in `draws` draws.
  static func counts(
    _ sampling: Sampling, _ scores: [Float] = scores, excluding excluded: Int32? = nil,
    draws: Int = 20_000, seed: UInt64 = 1
  ) -> [Int] {
    var generator = RandomGenerator(seed: seed)
    var counts = [Int](repeating: 0, count: scores.count)
    let tensor = Tensor(shape: [scores.count], values: scores)
    for _ in 0..<draws {
      counts[Int(sampling.sample(tensor, excluding: excluded, using: &generator))] += 1
    }
    return counts
  }

  /// Pearson's χ² of the counts; a token of probability 0 must never come.
  static func expectDistribution(
    _ counts: [Int], _ probabilities: [Double], location: SourceLocation = #_sourceLocation
  ) {
    let draws = Double(counts.reduce(0, +))
    var statistic = 0.0
    var freedom = -1.0
    for (count, probability) in zip(counts, probabilities) {
      guard probability > 0 else {
        #expect(count == 0, sourceLocation: location)
        continue
      }
      freedom += 1
      statistic += pow(Double(count) - draws * probability, 2) / (draws * probability)
    }
    // Mean and four deviations of χ².
    #expect(
      statistic <= freedom + 4 * (2 * freedom).squareRoot(), "χ² \(statistic), \(counts)",
      sourceLocation: location)
  }

  @Test(arguments: [Float(0.5), 1, 2])
  func temperature(_ temperature: Float) {
    Self.expectDistribution(
      Self.counts(Sampling(temperature: temperature)),
      Self.probabilities(Self.scores, temperature: Double(temperature)))
  }

  /// Of equal scores the first wins.
  @Test func greedy() {
    #expect(Self.counts(.greedy, draws: 50) == [0, 0, 50, 0, 0, 0])
    #expect(Self.counts(.greedy, excluding: 2, draws: 50) == [0, 0, 0, 0, 50, 0])
    // The temperature's limit: tiny is nearly greedy, and never NaN; equal scores share.
    let tiny = Self.counts(Sampling(temperature: 1e-30), draws: 2000)
    #expect(tiny[2] + tiny[4] == 2000 && abs(tiny[2] - 1000) < 150)
  }

  @Test func topK() {
    var expected = Self.probabilities([2.1, 0.9, 2.1], temperature: 1)
    expected = [0, 0, expected[0], expected[1], expected[2], 0]
    Self.expectDistribution(Self.counts(Sampling(topK: 3)), expected)
    // One of two equal scores: the lower id.
    #expect(Self.counts(Sampling(topK: 1), draws: 50) == [0, 0, 50, 0, 0, 0])
    Self.expectDistribution(
      Self.counts(Sampling(topK: 100)), Self.probabilities(Self.scores, temperature: 1))
  }

  @Test func topP() {
    // p = 0.384, 0.384, 0.116, 0.064, … in falling order: 0.8 needs three tokens.
    var expected = Self.probabilities([2.1, 0.9, 2.1], temperature: 1)
    expected = [0, 0, expected[0], expected[1], expected[2], 0]
    Self.expectDistribution(Self.counts(Sampling(topP: 0.8)), expected)
    #expect(Self.counts(Sampling(topP: 1e-6), draws: 50) == [0, 0, 50, 0, 0, 0])
    Self.expectDistribution(
      Self.counts(Sampling(topP: 1)), Self.probabilities(Self.scores, temperature: 1))
    // The sum is that of what top-k left: 0.5, 0.5 of two tokens, of which 0.5 needs one.
    #expect(Self.counts(Sampling(topK: 2, topP: 0.49), draws: 50) == [0, 0, 50, 0, 0, 0])
  }

  @Test func excluded() {
    var expected = Self.probabilities([0.3, -1.2, 0.9, 2.1, -0.4], temperature: 1)
    expected.insert(0, at: 2)
    Self.expectDistribution(Self.counts(Sampling(), excluding: 2), expected)
    #expect(Self.counts(Sampling(topK: 1), excluding: 2, draws: 50)[4] == 50)
  }

  @Test(arguments: [
    Sampling(), Sampling(temperature: 0), Sampling(topK: 6), Sampling(topP: 1),
    Sampling(temperature: 0.1, topK: 5, topP: 0.999),
  ])
  func notFinite(_ sampling: Sampling) {
    // NaN and −∞ never come out; +∞ always does.
    let counts = Self.counts(
      sampling, [.nan, 1, -.infinity, 1, .nan, -.infinity], draws: 2000)
    #expect(counts[1] + counts[3] == 2000)
    #expect(Self.counts(sampling, [1, .infinity, 2, .nan], draws: 20) == [0, 20, 0, 0])
    #expect(Self.counts(sampling, [.nan, -.infinity, -.infinity], draws: 20) == [0, 20, 0])
    // Scores far apart and far out.
    #expect(Self.counts(sampling, [-3e38, 3e38], draws: 20) == [0, 20])
    #expect(Self.counts(sampling, [-1e30], draws: 20) == [20])
  }

  @Test func seeded() {
    let scores = Tensor(shape: [6], values: Self.scores)
    func tokens(seed: UInt64) -> [Int32] {
      var generator = RandomGenerator(seed: seed)
      return (0..<40).map { _ in Sampling(topP: 0.95).sample(scores, using: &generator) }
    }
    #expect(tokens(seed: 1) == tokens(seed: 1))
    #expect(tokens(seed: 1) != tokens(seed: 2))
  }

  @Test func settingsOutOfRange() throws {
    for (sampling, quoted) in [
      (Sampling(temperature: -1), "-1"), (Sampling(temperature: .nan), "nan"),
      (Sampling(temperature: .infinity), "inf"), (Sampling(topK: 0), "0"),
      (Sampling(topK: -3), "-3"), (Sampling(topP: 0), "0"), (Sampling(topP: 1.5), "1.5"),
      (Sampling(topP: .nan), "nan"),
    ] {
      let error = #expect(throws: SamplingError.self) { try sampling.validate() }
      #expect(error?.description.contains(quoted) == true)
      #expect(error?.description.contains("\n") == false)
    }
    try Sampling.greedy.validate()
    try Sampling(temperature: 0.7, topK: 1, topP: 1).validate()
  }
}
