import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Numbers at the edge, long sequences, masks, threads.
@Suite struct CRFRobustnessTests {
  /// IOBES over two labels: O, then B, I, E, S of each.
  static let scheme: TagConstraints = {
    let letters: [Character] = ["O"] + Array("BIES") + Array("BIES")
    let labels = [0] + [1, 1, 1, 1] + [2, 2, 2, 2]
    func isOpen(_ tag: Int) -> Bool { letters[tag] == "B" || letters[tag] == "I" }
    func goesOn(_ tag: Int) -> Bool { letters[tag] == "I" || letters[tag] == "E" }
    return TagConstraints(
      allowed: letters.indices.map { from in
        letters.indices.map { to in
          isOpen(from) ? goesOn(to) && labels[from] == labels[to] : !goesOn(to)
        }
      },
      start: letters.indices.map { !goesOn($0) },
      end: letters.indices.map { !isOpen($0) })
  }()

  @Test func extremeEmissionsKeepLossAndGradientFinite() {
    for scale in [Float(100), 1_000, 1e5] {
      for constraints in [nil, Self.scheme] {
        let test = CRFCase(
          tags: 9, lengths: [30, 1, 0, 12], constraints: constraints, scale: scale, seed: 4)
        let (loss, gradients) = valueAndGradient(of: test.crf) {
          $0.loss(test.emissions, test.gold)
        }
        #expect(loss.scalar.isFinite && loss.scalar >= 0)
        for entry in gradients.entries {
          #expect(entry.gradient?.tensor.values.allSatisfy { $0.isFinite } ?? false)
        }
        for row in 0..<4 where test.emissions.lengths[row] > 0 {
          let values = test.crf.marginals(test.emissions)[row].values
          for step in 0..<test.emissions.lengths[row] {
            let sum = values[step * 9..<step * 9 + 9].reduce(0, +)
            #expect(abs(sum - 1) < 1e-5)
          }
        }
      }
    }
  }

  /// Weights and logarithms must say the same where both can be used; a masked tag at one step of a
  /// sequence (a tag that was hardly possible anyway) makes it run on logarithms.
  @Test func weightsAndLogarithmsAgree() {
    var test = CRFCase(tags: 9, lengths: [40, 40], constraints: Self.scheme, scale: 4, seed: 8)
    let plain = test.crf.marginals(test.emissions)
    let partition = test.crf.logPartition(test.emissions)
    var masked = test.emissions.padded()
    masked.withUnsafeMutableValues { $0[5 * 9 + 3] = -.infinity }
    var low = test.emissions.padded()
    low.withUnsafeMutableValues { $0[5 * 9 + 3] = -60 }
    let a = Sequences(masked)
    let b = Sequences(low)
    #expect(test.crf.marginals(a)[0].values[5 * 9 + 3] == 0)
    for (x, y) in zip(test.crf.marginals(a).values.values, test.crf.marginals(b).values.values) {
      #expect(abs(x - y) < 1e-6)
    }
    for (x, y) in zip(test.crf.logPartition(a), test.crf.logPartition(b)) {
      #expect(abs(x - y) < 1e-5)
    }
    // Row 1 has not changed.
    #expect(test.crf.logPartition(b)[1] == partition[1])
    #expect(bits(test.crf.marginals(b)[1]) == bits(plain[1]))

    // The gradient too; the gold tags avoid the mask.
    var random = TestRandom(2)
    var gold = randomTags(9, 40, Self.scheme, using: &random)
    while gold[5] == 3 { gold = randomTags(9, 40, Self.scheme, using: &random) }
    test.gold = TokenSequences([gold, gold])
    let masks = valueAndGradient(of: test.crf) { $0.loss(a, test.gold) }
    let lows = valueAndGradient(of: test.crf) { $0.loss(b, test.gold) }
    #expect(abs(masks.value.scalar - lows.value.scalar) < 1e-3)
    for (x, y) in zip(masks.gradients.entries, lows.gradients.entries) {
      expectClose(x.gradient?.tensor, y.gradient?.tensor ?? Tensor(0), x.path)
    }
  }

  @Test func notANumberStays() {
    for place in [0, 7, 19] {
      let test = CRFCase(tags: 3, lengths: [20, 20, 4], constraints: nil, seed: 3)
      var values = test.emissions.padded()
      values.withUnsafeMutableValues { $0[20 * 3 + place * 3 + 1] = .nan }
      let emissions = Sequences(values, lengths: [20, 20, 4])
      let clean = test.crf.logPartition(test.emissions)
      let came = test.crf.logPartition(emissions)
      #expect(came[1].isNaN && came[0] == clean[0] && came[2] == clean[2])
      let (loss, gradients) = valueAndGradient(of: test.crf) { $0.loss(emissions, test.gold) }
      #expect(loss.scalar.isNaN)
      #expect(gradients.entries[0].gradient?.tensor.values.contains { $0.isNaN } ?? false)
      let marginals = test.crf.marginals(emissions)
      #expect(marginals[1].values.allSatisfy { $0.isNaN })
      #expect(marginals[0].values.allSatisfy { $0.isFinite })
      #expect(test.crf.decode(emissions).map(\.count) == [20, 20, 4])
      #expect(test.crf.decode(emissions)[0] == test.crf.decode(test.emissions)[0])
      let best = test.crf.decodeBest(2, emissions)
      #expect(best[1].count >= 1 && best[1][0].score.isNaN)
      let run = LinearChainCRF.TagRun(start: 2, tags: [0, 1])
      #expect(test.crf.spanProbabilities(emissions, [[run], [run], []])[1][0].isNaN)
    }
  }

  @Test func forbiddenTagsNeverComeOut() {
    var random = TestRandom(6)
    for scale in [Float(1), 50, 1_000] {
      var test = CRFCase(
        tags: 9, lengths: (0..<40).map { $0 % 13 }, constraints: Self.scheme, scale: scale,
        seed: random.next())
      // Parameters of what is forbidden must not matter, however large.
      let other = test.crf
      test.crf.transitions.withUnsafeMutableValues { values in
        for from in 0..<9 {
          for to in 0..<9 where !Self.scheme.allowed[from][to] { values[from * 9 + to] = 1e9 }
        }
      }
      var values = test.emissions.padded()
      values.withUnsafeMutableValues { values in
        for index in values.indices where Int.random(in: 0..<9, using: &random) == 0 {
          values[index] = [.nan, .infinity, -.infinity, 1e30, -1e30].randomElement(using: &random)!
        }
      }
      let broken = Sequences(values, lengths: test.emissions.lengths)
      for emissions in [test.emissions, broken] {
        let best = test.crf.decode(emissions)
        #expect(best == other.decode(emissions))
        #expect(best.allSatisfy { Self.scheme.allows($0) })
        let several = test.crf.decodeBest(3, emissions)
        for row in several { #expect(row.allSatisfy { Self.scheme.allows($0.tags) }) }
        #expect(several.map { $0[0].tags } == best)
      }
      #expect(
        bits(test.crf.marginals(test.emissions).values)
          == bits(other.marginals(test.emissions).values))
      // They have no gradient either.
      let gradient = valueAndGradient(of: test.crf) { $0.loss(test.emissions, test.gold) }
        .gradients["transitions"]?.tensor.values
      for from in 0..<9 {
        for to in 0..<9 where !Self.scheme.allowed[from][to] {
          #expect(gradient?[from * 9 + to] == 0)
        }
      }
    }
  }

  @Test func forbiddenRightTagsHaveInfiniteLoss() {
    let test = CRFCase(tags: 9, lengths: [3, 2], constraints: Self.scheme, seed: 1)
    // E without B.
    let gold = TokenSequences([[0, 3, 0], [0, 0]])
    let (loss, gradients) = valueAndGradient(of: test.crf) { $0.loss(test.emissions, gold) }
    #expect(loss.scalar == .infinity)
    for entry in gradients.entries {
      #expect(entry.gradient?.tensor.values.allSatisfy { $0.isFinite } ?? false)
    }
  }

  @Test func nothingAllowedStillGivesTags() {
    // From 0 to 1 and nothing else: no sequence of three steps.
    let constraints = TagConstraints(
      allowed: [[false, true], [false, false]], start: [true, false], end: [false, true])
    let test = CRFCase(tags: 2, lengths: [3, 2, 1], constraints: constraints, seed: 1)
    #expect(test.crf.decode(test.emissions).map(\.count) == [3, 2, 1])
    #expect(test.crf.decode(test.emissions)[1] == [0, 1])
    let partition = test.crf.logPartition(test.emissions)
    #expect(partition[0] == -.infinity && partition[1].isFinite)
    let best = test.crf.decodeBest(5, test.emissions)
    #expect(best.map(\.count) == [1, 1, 1] && abs(best[1][0].score) < 1e-6)
    #expect(best[0][0].score.isNaN || best[0][0].score == -.infinity)
  }

  @Test func oneVeryLongSequence() {
    let test = CRFCase(
      tags: 9, lengths: [100_000, 3], constraints: Self.scheme, scale: 3, seed: 2)
    MemoryPool.resetPeak()
    let (loss, gradients) = valueAndGradient(of: test.crf) { $0.loss(test.emissions, test.gold) }
    #expect(loss.scalar.isFinite && loss.scalar > 0)
    #expect(gradients.entries[0].gradient?.tensor.values.allSatisfy { $0.isFinite } ?? false)
    let partition = test.crf.logPartition(test.emissions)
    let best = test.crf.decode(test.emissions)
    #expect(best[0].count == 100_000 && Self.scheme.allows(best[0]))
    let nBest = test.crf.decodeBest(3, test.emissions)[0]
    #expect(nBest.count == 3 && nBest[0].tags == best[0])
    #expect(nBest[0].score < 0 && nBest[0].score >= nBest[1].score)
    // Two copies of the first half are not more than the whole with its links.
    #expect(partition[0].isFinite && partition[0] > 100_000)
    // The same with numbers so large that logarithms must be used.
    let large = Sequences(test.emissions.padded() * Tensor(400), lengths: [100_000, 3])
    #expect(test.crf.logPartition(large)[0].isFinite)
    #expect(test.crf.loss(large, test.gold).scalar.isFinite)
  }

  @Test func threadsChangeNothing() {
    let lengths = (0..<150).map { ($0 * 37) % 61 }
    for (tags, scale) in [(9, Float(3)), (9, 400), (17, 3)] {
      let constraints = tags == 9 ? Self.scheme : nil
      let test = CRFCase(
        tags: tags, lengths: lengths, constraints: constraints, scale: scale, seed: 5)
      func all(_ threads: Int) -> ([UInt32], [[UInt32]], [[Int32]], [UInt32], [UInt64], [[Double]])
      {
        Threads.with(threads) {
          let (loss, gradients) = valueAndGradient(
            at: [test.emissions.values, test.crf.transitions, test.crf.start, test.crf.end]
          ) { inputs in
            var crf = test.crf
            (crf.transitions, crf.start, crf.end) = (inputs[1], inputs[2], inputs[3])
            let emissions = Sequences(values: inputs[0], layout: test.emissions.layout)
            return crf.loss(emissions, test.gold)
          }
          return (
            bits(loss), gradients.map { $0.map { bits($0.tensor) } ?? [] },
            test.crf.decode(test.emissions), bits(test.crf.marginals(test.emissions).values),
            test.crf.logPartition(test.emissions).map(\.bitPattern),
            test.crf.decodeBest(4, test.emissions).map { $0.map(\.score) }
          )
        }
      }
      let one = all(1)
      for threads in [2, 3, 8] {
        #expect(all(threads) == one, "\(tags) tags, \(threads) threads")
      }
    }
  }

  /// A sequence alone gives what it gives in a batch: neighbours and padding are no part of it.
  @Test func eachSequenceStandsAlone() {
    let test = CRFCase(tags: 9, lengths: [5, 0, 17, 1, 9], constraints: Self.scheme, seed: 12)
    let partition = test.crf.logPartition(test.emissions)
    let best = test.crf.decodeBest(3, test.emissions)
    let marginals = test.crf.marginals(test.emissions)
    for row in [0, 2, 3, 4] {
      let alone = Sequences([test.emissions[row]])
      #expect(test.crf.logPartition(alone)[0] == partition[row])
      #expect(test.crf.decodeBest(3, alone)[0].map(\.tags) == best[row].map(\.tags))
      #expect(bits(test.crf.marginals(alone)[0]) == bits(marginals[row]))
    }
  }

  @Test func parametersAreVisited() {
    var generator = RandomGenerator(seed: 7)
    let crf = LinearChainCRF(tags: 9, constraints: Self.scheme, using: &generator)
    #expect(visitingProblems(of: crf).isEmpty)
    #expect(
      crf.parameters.map(\.path) == ["transitions", "start_transitions", "end_transitions"])
    #expect(crf.parameters.map(\.tensor.shape) == [[9, 9], [9], [9]])
    #expect(crf.transitions.values.allSatisfy { abs($0) <= 0.1 })
  }
}
