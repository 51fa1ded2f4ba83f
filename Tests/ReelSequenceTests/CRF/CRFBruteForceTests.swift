import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Everything against all sequences of tags, scored one by one.
@Suite struct CRFBruteForceTests {
  static let cases: [(tags: Int, lengths: [Int])] = [
    (1, [1]), (1, [4, 0, 2]), (2, [6, 1, 3, 0, 6]), (3, [5, 2, 4, 1]), (4, [1, 4, 3]),
    (5, [4, 0, 2]),
    (6, [3, 1, 2]),
  ]
  /// Small scores run on weights, large ones on logarithms.
  static let scales: [Float] = [2, 30, 500]

  /// With and without constraints, at every scale.
  private func forEachCase(_ body: (CRFCase, BruteForceCRF, String) throws -> Void) rethrows {
    var random = TestRandom(11)
    for (tags, lengths) in Self.cases {
      for scale in Self.scales {
        for round in 0..<4 {
          let constraints =
            round % 2 == 0 || tags == 1
            ? nil : randomConstraints(tags, longest: lengths.max() ?? 0, using: &random)
          let test = CRFCase(
            tags: tags, lengths: lengths, constraints: constraints, scale: scale,
            seed: random.next())
          let name = "\(tags) tags, lengths \(lengths), scale \(scale), round \(round)"
          try body(test, BruteForceCRF(test.crf), name)
        }
      }
    }
  }

  private func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 2e-6) -> Bool {
    a == b || abs(a - b) <= tolerance * max(1, abs(a), abs(b))
  }

  @Test func partitionFunction() {
    forEachCase { test, oracle, name in
      let came = test.crf.logPartition(test.emissions)
      for (row, emissions) in test.emissions.exactRows.enumerated() {
        let expected = oracle.logPartition(emissions)
        #expect(isClose(came[row], expected), "\(name), row \(row): \(came[row]), \(expected)")
      }
    }
  }

  @Test func loss() {
    forEachCase { test, oracle, name in
      var sum = 0.0
      for (row, emissions) in test.emissions.exactRows.enumerated() {
        sum += oracle.logPartition(emissions) - oracle.score(test.gold[row], emissions)
      }
      sum /= Double(test.emissions.lengths.count { $0 > 0 })
      let came = Double(test.crf.loss(test.emissions, test.gold).scalar)
      #expect(isClose(came, sum), "\(name): \(came), expected \(sum)")
    }
  }

  @Test func marginals() {
    forEachCase { test, oracle, name in
      let came = test.crf.marginals(test.emissions)
      #expect(came.layout == test.emissions.layout)
      for (row, emissions) in test.emissions.exactRows.enumerated() {
        let values = came[row].values
        for step in emissions.indices {
          for tag in 0..<oracle.tags {
            let expected = oracle.probability(emissions) { $0[step] == Int32(tag) }
            let value = values[step * oracle.tags + tag]
            #expect(
              abs(Double(value) - expected) < 1e-6,
              "\(name), row \(row), step \(step), tag \(tag): \(value), expected \(expected)")
          }
        }
      }
    }
  }

  @Test func viterbi() {
    forEachCase { test, oracle, name in
      let came = test.crf.decode(test.emissions)
      #expect(came.map(\.count) == test.emissions.lengths)
      for (row, emissions) in test.emissions.exactRows.enumerated() {
        let expected = oracle.ranked(emissions)[0].tags
        #expect(came[row] == expected, "\(name), row \(row)")
        #expect(test.crf.constraints?.allows(came[row]) ?? true)
      }
    }
  }

  @Test(arguments: [1, 3, 1_000_000]) func nBest(n: Int) {
    forEachCase { test, oracle, name in
      let n = min(n, 2_000)
      let came = test.crf.decodeBest(n, test.emissions)
      let best = test.crf.decode(test.emissions)
      for (row, emissions) in test.emissions.exactRows.enumerated() {
        let expected = oracle.ranked(emissions).prefix(n)
        let partition = oracle.logPartition(emissions)
        #expect(came[row].map(\.tags) == expected.map(\.tags), "\(name), row \(row)")
        #expect(came[row][0].tags == best[row])
        for (a, b) in zip(came[row], expected) {
          let tolerance = 1e-6 * max(1, abs(partition))
          #expect(abs(a.score - (b.score - partition)) < tolerance, "\(name), row \(row)")
        }
      }
    }
  }

  @Test func spanProbabilities() {
    var random = TestRandom(5)
    forEachCase { test, oracle, name in
      let exact = test.emissions.exactRows
      let runs = exact.map { emissions -> [LinearChainCRF.TagRun] in
        guard !emissions.isEmpty else { return [] }
        return (0..<6).map { _ in
          let start = Int.random(in: 0..<emissions.count, using: &random)
          let count = Int.random(in: 1...emissions.count - start, using: &random)
          func few() -> [Int32] {
            (0..<Int32(oracle.tags)).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
          }
          return LinearChainCRF.TagRun(
            start: start, tags: random.ids(count, in: 0..<Int32(oracle.tags)),
            excludedBefore: few(), excludedAfter: few())
        }
      }
      let came = test.crf.spanProbabilities(test.emissions, runs)
      for (row, emissions) in exact.enumerated() {
        #expect(came[row].count == runs[row].count)
        for (value, run) in zip(came[row], runs[row]) {
          let end = run.start + run.tags.count
          let expected = oracle.probability(emissions) { tags in
            Array(tags[run.start..<end]) == run.tags
              && (run.start == 0 || !run.excludedBefore.contains(tags[run.start - 1]))
              && (end == tags.count || !run.excludedAfter.contains(tags[end]))
          }
          #expect(abs(value - expected) < 1e-6, "\(name), row \(row), \(run): \(value)")
        }
      }
    }
  }
}
