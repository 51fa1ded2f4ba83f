import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct CTCDecodingTests {
  @Test func collapsing() {
    #expect(CTC.collapsed([0, 1, 1, 0, 1, 2, 2, 0, 0]) == [1, 1, 2])
    #expect(CTC.collapsed([Int32]()) == [])
    #expect(CTC.collapsed([3, 3, 3], blank: 3) == [])
    #expect(CTC.collapsed([0, 0, 3, 0], blank: 3) == [0, 0])
  }

  @Test(arguments: 0..<4)
  func bestPathCollapsesTheBestClasses(_ seed: UInt64) {
    let test = CTCCase(
      lengths: [12, 0, 5, 20], targetLengths: [0, 0, 0, 0], classes: 4, blank: Int32(seed),
      seed: seed)
    let paths = CTC.bestPath(test.logits, blank: test.blank)
    for (row, path) in paths.enumerated() {
      let best = test.oracle(row).logits.map { scores in
        Int32(scores.indices.max { scores[$0] < scores[$1] } ?? 0)
      }
      #expect(path == CTC.collapsed(best, blank: test.blank))
    }
  }

  @Test func bestPathTakesNoNumbersForBlank() {
    let logits = Tensor(
      shape: [1, 4, 3], values: [.nan, 1, 2, .nan, .nan, .nan, 3, 3, 1, -.infinity, 0, .infinity])
    // 2, blank, the first of two equal ones, 2.
    #expect(CTC.bestPath(Sequences(logits), blank: 0) == [[2, 2]])
    #expect(CTC.bestPath(Sequences(logits), blank: 1) == [[2, 0, 2]])
  }

  @Test(arguments: 0..<6)
  func anUnboundedBeamFindsEveryLabelling(_ seed: Int) {
    let classes = 2 + seed % 3
    let test = CTCCase(
      lengths: [5, 0, 1, 6], targetLengths: [0, 0, 0, 0], classes: classes,
      blank: Int32(seed % classes), seed: UInt64(seed) + 40)
    let found = CTC.prefixBeam(test.logits, width: .max, best: .max, blank: test.blank)
    for (row, hypotheses) in found.enumerated() {
      let all = test.oracle(row).labellings
      #expect(hypotheses.count == all.count)
      #expect(Set(hypotheses.map(\.labels)).count == all.count)
      var total = 0.0
      for hypothesis in hypotheses {
        let expected = all[hypothesis.labels] ?? 0
        #expect(abs(exp(hypothesis.logProbability) - expected) < 1e-12)
        total += expected
      }
      #expect(abs(total - 1) < 1e-9)
      let scores = hypotheses.map(\.logProbability)
      #expect(scores == scores.sorted(by: >))
      // The same numbers as the loss gives.
      for hypothesis in hypotheses.prefix(5) {
        let one = Sequences([test.logits[row]])
        let loss = CTC.logProbabilities(of: [hypothesis.labels], one, blank: test.blank)[0]
        #expect(abs(loss - hypothesis.logProbability) < 1e-5)
      }
    }
  }

  @Test func aBeamNeverPromisesTooMuch() {
    let test = CTCCase(
      lengths: [40, 25], targetLengths: [0, 0], classes: 6, blank: 0, scale: 4, seed: 77)
    var before = [-Double.infinity, -.infinity]
    for width in [1, 2, 4, 16, 64, 256] {
      let found = CTC.prefixBeam(test.logits, width: width, best: 3)
      for (row, hypotheses) in found.enumerated() {
        #expect(hypotheses.count == min(width, 3))
        let one = Sequences([test.logits[row]])
        for hypothesis in hypotheses {
          let exact = CTC.logProbabilities(of: [hypothesis.labels], one)[0]
          #expect(hypothesis.logProbability <= exact + 1e-5)
        }
        if width == 256 {
          let exact = CTC.logProbabilities(of: [hypotheses[0].labels], one)[0]
          #expect(abs(hypotheses[0].logProbability - exact) < 0.3)
          #expect(hypotheses[0].logProbability >= before[row])
        }
        before[row] = max(before[row], hypotheses[0].logProbability)
      }
    }
  }

  /// The classic case where the best path is not the best labelling: blank wins each step, and "A"
  /// wins together.
  @Test func prefixesAddUp() {
    let y: [Float] = [0.6, 0.4, 0.6, 0.4]
    let logits = Sequences(Tensor(shape: [1, 2, 2], values: y.map { log($0) }))
    #expect(CTC.bestPath(logits) == [[]])
    let best = CTC.prefixBeam(logits, width: 2, best: 2)[0]
    #expect(best.map(\.labels) == [[1], []])
    #expect(abs(exp(best[0].logProbability) - 0.64) < 1e-6)
    #expect(abs(exp(best[1].logProbability) - 0.36) < 1e-6)
  }

  /// "1" falls out of a beam of two at the first step and comes back at the second, with what it
  /// had: Hannun's rule.
  @Test func aPrefixThatFellOutComesBackWithWhatItHad() {
    let y: [Float] = [0.5, 0.2, 0.3, 0.1, 0.8, 0.1]
    let logits = Sequences(Tensor(shape: [1, 2, 3], values: y.map { log($0) }))
    let best = CTC.prefixBeam(logits, width: 2)[0]
    // Blank then 1, 1 then 1, 1 then blank.
    #expect(best[0].labels == [1])
    #expect(abs(exp(best[0].logProbability) - (0.5 * 0.8 + 0.2 * 0.8 + 0.2 * 0.1)) < 1e-6)
  }

  @Test func scoresThatAreNoNumbersGiveNoHypothesis() {
    var values = [Float](repeating: 0, count: 3 * 4 * 2)
    values[3] = .nan
    values[9] = .infinity
    let found = CTC.prefixBeam(Sequences(Tensor(shape: [3, 4, 2], values: values)), width: 4)
    #expect(found[0].isEmpty && found[1].isEmpty && found[2].count == 1)
    // Ruled out classes never come, however wide the beam is.
    let ruled = Tensor(
      shape: [1, 3, 3], values: (0..<3).flatMap { _ -> [Float] in [0, -.infinity, 1] })
    let all = CTC.prefixBeam(Sequences(ruled), width: .max, best: .max)[0]
    #expect(all.allSatisfy { !$0.labels.contains(1) } && all.count == 3)
  }

  @Test func theNumberOfThreadsChangesNothing() {
    let test = CTCCase(
      lengths: [30, 0, 12, 25, 7], targetLengths: [0, 0, 0, 0, 0], classes: 8, blank: 0, seed: 5)
    let one = Threads.with(1) { CTC.prefixBeam(test.logits, width: 8, best: 4) }
    let path = Threads.with(1) { CTC.bestPath(test.logits) }
    for threads in [2, 5] {
      let many = Threads.with(threads) { CTC.prefixBeam(test.logits, width: 8, best: 4) }
      #expect(many == one)
      #expect(Threads.with(threads) { CTC.bestPath(test.logits) } == path)
    }
  }
}
