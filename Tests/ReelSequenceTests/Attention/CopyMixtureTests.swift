import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// The distribution of a decoder that can copy.
struct CopyMixtureTests {
  private static let sources: [[Int32]] = [[1, 4, 1], [], [0, 9, 2, 2]]
  private static let rows = [2, 0, 1, 0, 2]
  private static let offsets = [0, 4, 7, 7, 10, 14]
  private static let classes = 6

  private static func mixture(_ weights: Tensor) -> CopyMixture {
    CopyMixture(
      weights: AttentionWeights(values: weights, offsets: offsets), sources: sources, rows: rows,
      classes: classes)
  }

  private static func probabilities(_ x: [DoubleTensor]) -> [[Double]] {
    let softmax = x[0].softmax()
    return rows.enumerated().map { row, source in
      let tokens = sources[source]
      let gate = tokens.isEmpty ? 1 : 1 / (1 + exp(-x[1].values[row]))
      var result = (0..<classes).map { gate * softmax[[row, $0]] }
      for (step, token) in tokens.enumerated() where token < classes {
        result[Int(token)] += (1 - gate) * x[2].values[offsets[row] + step]
      }
      return result
    }
  }

  private static func inputs() -> [Tensor] {
    var random = TestRandom(3)
    return [
      random.tensor([5, classes], in: -2...2), random.tensor([5, 1]),
      random.tensor([14], in: 0.05...0.5),
    ]
  }

  @Test func probabilitiesAreThoseOfTheEquation() {
    let x = Self.inputs()
    let came = Self.mixture(x[2]).probabilities(logits: x[0], gate: x[1])
    let expected = Self.probabilities(x.map { DoubleTensor($0) })
    #expect(
      difference(
        came, DoubleTensor([5, Self.classes], Array(expected.joined())), tolerance: 1e-5,
        what: "probabilities") == nil)
  }

  @Test(arguments: [0, 0.2])
  func lossAndGradientsAreThoseOfTheEquation(_ smoothing: Double) {
    let targets: [Int32] = [2, 1, 5, -1, 3]
    #expect(
      problems(
        "cross-entropy of a mixture", Self.inputs(),
        operation: {
          Self.mixture($0[2]).crossEntropySum(
            logits: $0[0], gate: $0[1], targets: targets, smoothing: Float(smoothing))
        },
        oracle: { x in
          var sum = 0.0
          for (row, line) in Self.probabilities(x).enumerated() where targets[row] >= 0 {
            sum -= (1 - smoothing) * log(line[Int(targets[row])])
            sum -= smoothing * line.reduce(0) { $0 + log($1) } / Double(line.count)
          }
          return DoubleTensor([], [sum])
        }) == [])
  }

  /// With weights that are a distribution over known tokens, so is the mixture.
  @Test func probabilitiesSumToOne() {
    let test = DecoderCase(.gru, .dot, copies: true)
    var random = TestRandom(8)
    let sources = test.sourceLengths.map { random.ids($0, in: 0..<8) }
    let stepper = AttentionDecoderStepper(
      test.decoder, memory: test.decoder.memory(of: test.sequences), state: test.state,
      sources: sources, rows: 4, steps: 1)
    let scores = stepper.logProbabilities(after: [8, 8, 8, 8], continuing: [0, 1, 2, 3])
    for row in 0..<4 {
      let sum = (0..<8).reduce(0) { $0 + exp(Double(scores[row, $1])) }
      #expect(abs(sum - 1) < 1e-5)
    }
  }
}
