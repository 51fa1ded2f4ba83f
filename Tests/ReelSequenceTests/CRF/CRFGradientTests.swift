import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// The gradient of the loss by finite differences of the brute force, in Double.
@Suite struct CRFGradientTests {
  private func check(_ test: CRFCase, _ name: String) {
    let exact = test.emissions.exactRows
    let lengths = test.emissions.lengths
    let tags = test.crf.tags
    let share = 1 / Double(max(1, lengths.count { $0 > 0 }))
    func loss(_ oracle: BruteForceCRF, _ emissions: [[[Double]]]) -> Double {
      var sum = 0.0
      for row in emissions.indices where lengths[row] > 0 {
        sum += oracle.logPartition(emissions[row]) - oracle.score(test.gold[row], emissions[row])
      }
      return sum * share
    }
    let crf = test.crf
    let (value, gradients) = valueAndGradient(
      at: [test.emissions.padded(), crf.transitions, crf.start, crf.end]
    ) { inputs in
      var crf = crf
      (crf.transitions, crf.start, crf.end) = (inputs[1], inputs[2], inputs[3])
      // A weight of the loss: the gradient that comes from above must be used.
      return crf.loss(Sequences(inputs[0], lengths: lengths), test.gold) * Tensor(3)
    }
    let oracle = BruteForceCRF(crf)
    let expectedLoss = loss(oracle, exact)
    #expect(
      abs(Double(value.scalar) - 3 * expectedLoss) <= 1e-5 * max(1, abs(expectedLoss)), "\(name)")

    let step = 1e-5
    func slope(_ move: (Double) -> Double) -> Double { 3 * (move(step) - move(-step)) / (2 * step) }
    func expect(_ came: Float?, _ expected: Double, _ what: @autoclosure () -> String) {
      let came = Double(came ?? 0)
      #expect(abs(came - expected) < 2e-5, "\(name): \(what()) is \(came), expected \(expected)")
    }
    let inEmissions = gradients[0]?.tensor.values
    let longest = lengths.max() ?? 0
    for row in exact.indices {
      for time in 0..<lengths[row] {
        for tag in 0..<tags {
          let expected = slope { size in
            var moved = exact
            moved[row][time][tag] += size
            return loss(oracle, moved)
          }
          expect(
            inEmissions?[(row * longest + time) * tags + tag], expected,
            "emission [\(row), \(time), \(tag)]")
        }
      }
    }
    for from in 0..<tags {
      for to in 0..<tags {
        let expected = slope { size in
          var moved = oracle
          moved.transitions[from][to] += size
          return loss(moved, exact)
        }
        expect(
          gradients[1]?.tensor.values[from * tags + to], expected, "transition [\(from), \(to)]")
      }
      let inStart = slope { size in
        var moved = oracle
        moved.start[from] += size
        return loss(moved, exact)
      }
      expect(gradients[2]?.tensor.values[from], inStart, "start [\(from)]")
      let inEnd = slope { size in
        var moved = oracle
        moved.end[from] += size
        return loss(moved, exact)
      }
      expect(gradients[3]?.tensor.values[from], inEnd, "end [\(from)]")
    }
  }

  @Test(arguments: [Float(1), 40])
  func finiteDifferences(scale: Float) {
    var random = TestRandom(3)
    for (tags, lengths) in [(1, [3, 0, 1]), (2, [5, 4, 1]), (3, [4, 0, 2, 4, 1]), (4, [2, 4])] {
      for isConstrained in [false, true] where tags > 1 || !isConstrained {
        let constraints =
          isConstrained
          ? randomConstraints(tags, longest: lengths.max() ?? 0, using: &random) : nil
        check(
          CRFCase(
            tags: tags, lengths: lengths, constraints: constraints, scale: scale,
            seed: random.next()),
          "\(tags) tags, lengths \(lengths), scale \(scale), constraints: \(isConstrained)")
      }
    }
  }

  @Test func watchingOneInputAloneIsTheSame() {
    let test = CRFCase(tags: 4, lengths: [7, 2, 0, 5], seed: 9)
    let inputs = [test.emissions.values, test.crf.transitions, test.crf.start, test.crf.end]
    func loss(_ inputs: [Tensor]) -> Tensor {
      var crf = test.crf
      (crf.transitions, crf.start, crf.end) = (inputs[1], inputs[2], inputs[3])
      return crf.loss(
        Sequences(values: inputs[0], layout: test.emissions.layout), test.gold)
    }
    let (value, all) = valueAndGradient(at: inputs, loss)
    #expect(bits(value) == bits(loss(inputs)))
    #expect(loss(inputs).origin == nil)
    for index in inputs.indices {
      let alone = valueAndGradient(at: [inputs[index]]) { watched in
        var inputs = inputs
        inputs[index] = watched[0]
        return loss(inputs)
      }.gradients[0]
      expectSameBytes(alone?.tensor, all[index]?.tensor, "input \(index)")
    }
  }

  @Test func noTimeStepsAtAll() {
    var generator = RandomGenerator(seed: 1)
    let crf = LinearChainCRF(tags: 3, using: &generator)
    for lengths in [[], [0], [0, 0]] {
      let emissions = Sequences(Tensor(zeros: [lengths.count, 0, 3]))
      let gold = TokenSequences(lengths.map { _ in [] })
      let (loss, gradients) = valueAndGradient(of: crf) { $0.loss(emissions, gold) }
      #expect(loss.scalar == 0)
      for entry in gradients.entries {
        #expect(entry.gradient?.tensor.values.allSatisfy { $0 == 0 } ?? true)
      }
      #expect(crf.decode(emissions) == lengths.map { _ in [] })
      #expect(crf.logPartition(emissions) == lengths.map { _ in 0 })
      #expect(crf.marginals(emissions).lengths == lengths)
      #expect(crf.decodeBest(2, emissions).allSatisfy { $0.count == 1 && $0[0].score == 0 })
      #expect(crf.spanProbabilities(emissions, lengths.map { _ in [] }).allSatisfy { $0.isEmpty })
    }
  }
}
