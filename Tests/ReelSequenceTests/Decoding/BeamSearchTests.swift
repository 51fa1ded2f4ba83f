import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Beam search over made-up distributions, against enumeration.
struct BeamSearchTests {
  /// A distribution over the next token that depends on the source and everything before.
  private struct Language {
    let classes: Int
    let seed: UInt64

    func logProbabilities(_ source: Int, _ prefix: [Int32]) -> [Double] {
      var mixed = seed &+ UInt64(source) &* 1_000_003
      for token in prefix { mixed = mixed &* 31 &+ UInt64(token) &+ 7 }
      var random = TestRandom(mixed)
      let scores = (0..<classes).map { _ in Double.random(in: -2...2, using: &random) }
      let total = log(scores.reduce(0) { $0 + exp($1) })
      return scores.map { Double(Float($0 - total)) }
    }

    /// All sequences of at most `longest` tokens and the end after them, the best first.
    func all(
      _ source: Int, end: Int32, longest: Int, _ normalization: LengthNormalization,
      excluding: [Int32] = []
    ) -> [Hypothesis] {
      var found: [Hypothesis] = []
      var open: [(tokens: [Int32], logProbability: Double)] = [([], 0)]
      while let (tokens, sum) = open.popLast() {
        let scores = logProbabilities(source, tokens)
        let ended = sum + scores[Int(end)]
        found.append(
          Hypothesis(
            tokens: tokens, logProbability: ended,
            score: normalization.score(ended, length: tokens.count + 1)))
        guard tokens.count < longest else { continue }
        for token in 0..<Int32(classes) where token != end && !excluding.contains(token) {
          open.append((tokens + [token], sum + scores[Int(token)]))
        }
      }
      return found.sorted { $0.score > $1.score }
    }

    func search(
      _ search: BeamSearch, sources: Int, longest: Int
    ) -> [[Hypothesis]] {
      var prefixes = (0..<sources).map { (source: $0, tokens: [Int32]()) }
      var isFirst = true
      return search(
        start: 99, maximumLengths: Array(repeating: longest, count: sources)
      ) { tokens, parents in
        prefixes = zip(tokens, parents).map { token, parent in
          let before = prefixes[parent]
          return (before.source, isFirst ? [] : before.tokens + [token])
        }
        #expect(!isFirst || tokens.allSatisfy { $0 == 99 })
        isFirst = false
        return Tensor(
          shape: [prefixes.count, classes],
          values: prefixes.flatMap { logProbabilities($0.source, $0.tokens).map { Float($0) } })
      }
    }
  }

  @Test(arguments: [LengthNormalization.none, .mean, .power(alpha: 0.6)])
  func withoutABoundItIsExhaustive(_ normalization: LengthNormalization) {
    for (classes, longest) in [(2, 6), (3, 4), (4, 3), (5, 0)] {
      for seed in 0..<5 {
        let language = Language(classes: classes, seed: UInt64(seed))
        let end = Int32(seed % classes)
        let search = BeamSearch(width: 5000, normalization: normalization, end: end)
        let found = language.search(search, sources: 3, longest: longest)
        for source in 0..<3 {
          let expected = language.all(source, end: end, longest: longest, normalization)
          #expect(found[source].map(\.tokens) == expected.map(\.tokens))
          for (came, wanted) in zip(found[source], expected) {
            #expect(abs(came.logProbability - wanted.logProbability) < 1e-5)
            #expect(abs(came.score - wanted.score) < 1e-5)
          }
        }
      }
    }
  }

  @Test func widthOneIsGreedy() {
    for seed in 0..<20 {
      let language = Language(classes: 6, seed: UInt64(seed))
      let found = language.search(BeamSearch(width: 1, end: 2), sources: 4, longest: 8)
      for source in 0..<4 {
        var tokens: [Int32] = []
        while tokens.count < 8 {
          let scores = language.logProbabilities(source, tokens)
          let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
          if best == 2 { break }
          tokens.append(Int32(best))
        }
        #expect(found[source].map(\.tokens) == [tokens])
      }
    }
  }

  @Test func aWiderBeamFindsMore() {
    var (narrow, wide) = (0.0, 0.0)
    for seed in 0..<30 {
      let language = Language(classes: 5, seed: UInt64(seed))
      func best(_ width: Int) -> Double {
        language.search(
          BeamSearch(width: width, normalization: .none, end: 0), sources: 1, longest: 4)[0][0]
          .logProbability
      }
      narrow += best(1)
      wide += best(5)
    }
    #expect(wide > narrow)
  }

  @Test func excludedTokensNeverComeOut() {
    let language = Language(classes: 4, seed: 3)
    let search = BeamSearch(width: 1000, normalization: .mean, end: 0, excluding: [2])
    let found = language.search(search, sources: 2, longest: 3)
    for source in 0..<2 {
      let expected = language.all(source, end: 0, longest: 3, .mean, excluding: [2])
      #expect(found[source].map(\.tokens) == expected.map(\.tokens))
    }
  }

  @Test func nothingIsFoundForNoSources() {
    let search = BeamSearch(width: 3, end: 0)
    let found = search(start: 1, maximumLengths: []) { _, _ in Tensor(zeros: [0, 2]) }
    #expect(found.isEmpty)
  }

  @Test func lengthNormalizationIsThatOfItsPapers() {
    #expect(LengthNormalization.none.score(-6, length: 3) == -6)
    #expect(LengthNormalization.mean.score(-6, length: 3) == -2)
    let expected = -6 / pow(8.0 / 6, 0.6)
    #expect(abs(LengthNormalization.power(alpha: 0.6).score(-6, length: 3) - expected) < 1e-12)
  }
}
