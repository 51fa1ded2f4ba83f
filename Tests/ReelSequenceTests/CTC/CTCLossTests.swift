import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct CTCLossTests {
  /// The loss and its gradient in padded logits [batch, time, C].
  private func lossAndGradient(
    _ padded: Tensor, _ lengths: [Int], _ targets: [[Int32]], blank: Int32,
    reduction: CTC.Reduction = .mean, zeroInfinity: Bool = false
  ) -> (loss: Float, gradient: Tensor) {
    let result = valueAndGradient(at: [padded]) {
      CTC.loss(
        Sequences($0[0], lengths: lengths), targets: targets, blank: blank, reduction: reduction,
        zeroInfinity: zeroInfinity)
    }
    return (result.value.scalar, result.gradients[0]?.tensor ?? Tensor(zeros: padded.shape))
  }

  @Test(arguments: 0..<12)
  func equalsAllAlignmentsListed(_ seed: Int) throws {
    let classes = [2, 3, 4][seed % 3]
    let test = CTCCase(
      lengths: [4, 0, 6, 1, 5], targetLengths: [2, 0, 3, 1, seed % 3], classes: classes,
      blank: Int32(seed % classes), seed: UInt64(seed) + 1)
    let padded = test.logits.padded()
    let (loss, gradient) = lossAndGradient(
      padded, test.logits.lengths, test.targets, blank: test.blank, reduction: .sum,
      zeroInfinity: true)
    let scores = CTC.logProbabilities(of: test.targets, test.logits, blank: test.blank)
    var total = 0.0
    for row in test.targets.indices {
      let oracle = test.oracle(row)
      let expected = oracle.logProbability(of: test.targets[row])
      if expected == -.infinity {
        #expect(scores[row] == -.infinity)
      } else {
        #expect(abs(scores[row] - expected) <= 1e-6 * max(1, abs(expected)))
        total -= expected
      }
      let slopes = oracle.gradient(of: test.targets[row])
      for time in 0..<padded.shape[1] {
        for label in 0..<classes {
          let wanted =
            time < slopes.count && expected > -.infinity ? slopes[time][label] : 0
          let came = gradient[row, time, label]
          #expect(
            abs(Double(came) - wanted) < 2e-5, "row \(row), time \(time), class \(label): \(came)")
        }
      }
    }
    #expect(abs(Double(loss) - total) <= 1e-5 * max(1, total))
  }

  @Test(arguments: [
    "ragged", "last_class_blank", "middle_blank", "empty_targets", "tight", "long", "extreme",
    "impossible",
  ])
  func equalsPyTorch(_ name: String) throws {
    let fixture = try Fixture("ctc.safetensors")(case: name)
    let lengths = try fixture.integers("input_lengths")
    var rest = try fixture.integers("targets").map { Int32($0) }[...]
    let targets = try fixture.integers("target_lengths").map { length in
      defer { rest = rest.dropFirst(length) }
      return Array(rest.prefix(length))
    }
    let blank = Int32(try fixture("blank").scalar)
    for reduction in CTC.Reduction.allCases {
      let (loss, gradient) = lossAndGradient(
        try fixture("logits"), lengths, targets, blank: blank, reduction: reduction,
        zeroInfinity: true)
      expectClose(
        Tensor(loss), try fixture("loss_\(reduction.rawValue)"), "\(name): loss", within: 1e-6)
      expectClose(
        gradient, try fixture("gradient_\(reduction.rawValue)"), "\(name): gradient", within: 2e-6)
    }
  }

  @Test func aTargetThatDoesNotFitIsInfinite() {
    let test = CTCCase(
      lengths: [3, 4], targetLengths: [2, 2], classes: 3, blank: 0, seed: 9)
    let padded = test.logits.padded()
    // Two equal labels need a blank between them: three steps are enough, two are not.
    for (lengths, isPossible) in [([3, 4], true), ([2, 4], false), ([0, 4], false)] {
      let targets: [[Int32]] = [[1, 1], [1, 2]]
      let (loss, gradient) = lossAndGradient(padded, lengths, targets, blank: 0)
      #expect(loss.isFinite == isPossible)
      if !isPossible { #expect(loss == .infinity) }
      #expect(gradient.values.allSatisfy { $0.isFinite })
      let zeroed = lossAndGradient(padded, lengths, targets, blank: 0, zeroInfinity: true)
      #expect(zeroed.loss.isFinite)
      #expect(bits(zeroed.gradient) == bits(gradient))
      if !isPossible {
        let alone = lossAndGradient(
          padded.slice(1..<2), [4], [[1, 2]], blank: 0, reduction: .sum)
        #expect(abs(zeroed.loss - alone.loss / 4) < 1e-6)
      }
    }
  }

  @Test func emptyTargetsInputsAndBatches() {
    let logits = Sequences(Tensor(zeros: [3, 4, 2]), lengths: [4, 0, 0])
    // Four blanks of probability one half; nothing; something out of nothing.
    let scores = CTC.logProbabilities(of: [[], [], [1]], logits)
    #expect(abs(scores[0] + 4 * log(2)) < 1e-6)
    #expect(scores[1] == 0 && scores[2] == -.infinity)
    let empty = Sequences(Tensor(zeros: [0, 0, 2]), lengths: [])
    #expect(CTC.loss(empty, targets: []).scalar == 0)
    let nothing = Sequences(Tensor(zeros: [2, 0, 2]), lengths: [0, 0])
    #expect(CTC.loss(nothing, targets: [[], []]).scalar == 0)
  }

  @Test func extremesAndNumbersThatAreNone() {
    // Sure and wrong for thousands of steps: far below what any Float or Double could hold.
    let steps = 3_000
    let sure = Tensor(
      shape: [1, steps, 3], values: (0..<steps).flatMap { _ -> [Float] in [0, 900, -900] })
    let (loss, gradient) = lossAndGradient(
      sure, [steps], [[Int32](repeating: 2, count: 40)], blank: 0, reduction: .sum)
    // Each of the 40 labels and 39 blanks between costs at least; all other steps may be label 2 or
    // blank, never the sure class 1.
    #expect(loss.isFinite && loss > 900 * 2_900)
    #expect(gradient.values.allSatisfy { $0.isFinite && abs($0) <= 1 })

    for (poison, isNumber) in [(Float.nan, false), (.infinity, false), (-.infinity, true)] {
      var values = [Float](repeating: 0.5, count: 2 * 5 * 3)
      values[2 * 3 + 1] = poison
      let logits = Tensor(shape: [2, 5, 3], values: values)
      let scores = CTC.logProbabilities(of: [[1, 2], [1, 2]], Sequences(logits))
      #expect(scores[0].isFinite == isNumber && scores[1].isFinite)
      let (loss, gradient) = lossAndGradient(logits, [5, 5], [[1, 2], [1, 2]], blank: 0)
      #expect(loss.isFinite == isNumber)
      #expect(gradient.slice(1..<2).values.allSatisfy { $0.isFinite })
      #expect(gradient.values.allSatisfy { $0.isFinite } == isNumber)
    }
    // Ruled out at every step: no way to spell it.
    let ruled = Tensor(
      shape: [1, 4, 3], values: (0..<4).flatMap { _ -> [Float] in [0, 0, -.infinity] })
    let out = lossAndGradient(ruled, [4], [[2]], blank: 0)
    #expect(out.loss == .infinity && out.gradient.values.allSatisfy { $0 == 0 })
  }

  @Test func paddingAndOrderChangeNothing() {
    let test = CTCCase(
      lengths: [7, 3, 9], targetLengths: [3, 1, 4], classes: 5, blank: 2, seed: 4)
    let padded = test.logits.padded()
    let whole = lossAndGradient(
      padded, [7, 3, 9], test.targets, blank: 2, reduction: .sum)
    var alone: Float = 0
    for row in 0..<3 {
      let length = test.logits.lengths[row]
      let one = lossAndGradient(
        padded.slice(row..<row + 1).slice(0..<length, axis: 1), [length], [test.targets[row]],
        blank: 2, reduction: .sum)
      alone += one.loss
      let part = whole.gradient.slice(row..<row + 1).slice(0..<length, axis: 1)
      #expect(bits(part) == bits(one.gradient))
    }
    #expect(abs(alone - whole.loss) < 1e-4)
  }

  @Test func theNumberOfThreadsChangesNothing() {
    let test = CTCCase(
      lengths: [30, 0, 12, 45, 7, 45, 28], targetLengths: [9, 0, 4, 14, 2, 22, 1], classes: 8,
      blank: 0, seed: 21)
    let padded = test.logits.padded()
    func run() -> [UInt32] {
      let (loss, gradient) = lossAndGradient(padded, test.logits.lengths, test.targets, blank: 0)
      return [loss.bitPattern] + bits(gradient)
    }
    let one = Threads.with(1) { run() }
    for threads in [2, 3, 8] { #expect(Threads.with(threads) { run() } == one) }
  }

  @Test func theGradientIsScaledByWhatComesAfter() {
    let test = CTCCase(lengths: [6], targetLengths: [2], classes: 4, blank: 0, seed: 2)
    let padded = test.logits.padded()
    let plain = lossAndGradient(padded, [6], test.targets, blank: 0).gradient
    let tripled = valueAndGradient(at: [padded]) {
      CTC.loss(Sequences($0[0]), targets: test.targets) * 3
    }.gradients[0]
    expectClose(tripled?.tensor, plain * 3, "3 · loss", within: 1e-6)
    #expect(!CTC.loss(test.logits, targets: test.targets).isWatched)
  }
}
