import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Against the chain of `Tests/Fixtures/make_crf_fixtures.py`, PyTorch in Double with gradients by
/// autograd: ragged batches of realistic sizes.
@Suite struct CRFFixtureTests {
  static let cases = [
    "ragged", "constrained", "many_tags", "one_tag", "two_tags", "large_scores",
  ]

  struct Case {
    let fixture: FixtureCase
    let crf: LinearChainCRF
    let emissions: Tensor
    let lengths: [Int]
    let gold: TokenSequences
    let best: [[Int32]]

    init(_ name: String) throws {
      let fixture = try Fixture("crf.safetensors")(case: name)
      self.fixture = fixture
      emissions = try fixture("input.emissions")
      let lengths = try fixture.integers("lengths")
      self.lengths = lengths
      let tags = emissions.shape[2]
      var constraints: TagConstraints?
      if fixture.tensors["allowed"] != nil {
        let allowed = try fixture.integers("allowed").map { $0 == 1 }
        constraints = TagConstraints(
          allowed: (0..<tags).map { Array(allowed[$0 * tags..<($0 + 1) * tags]) },
          start: try fixture.integers("start_allowed").map { $0 == 1 },
          end: try fixture.integers("end_allowed").map { $0 == 1 })
      }
      var generator = RandomGenerator(seed: 1)
      var crf = LinearChainCRF(tags: tags, constraints: constraints, using: &generator)
      crf.transitions = try fixture("input.transitions")
      crf.start = try fixture("input.start_transitions")
      crf.end = try fixture("input.end_transitions")
      self.crf = crf
      func rows(_ name: String) throws -> [[Int32]] {
        let values = try fixture.integers(name)
        let longest = lengths.max() ?? 0
        return lengths.enumerated().map { row, length in
          values[row * longest..<row * longest + length].map { Int32($0) }
        }
      }
      gold = TokenSequences(try rows("gold"))
      best = try rows("best")
    }

    func expect(_ came: Tensor?, _ name: String, _ tolerance: Double = 1e-5) throws {
      let came = try #require(came)
      let wanted = DoubleTensor(try fixture(name))
      #expect(difference(came, wanted, tolerance: tolerance, what: name) == nil)
    }
  }

  @Test(arguments: cases) func lossAndGradients(name: String) throws {
    let test = try Case(name)
    let (loss, gradients) = valueAndGradient(
      at: [test.emissions, test.crf.transitions, test.crf.start, test.crf.end]
    ) { inputs in
      var crf = test.crf
      (crf.transitions, crf.start, crf.end) = (inputs[1], inputs[2], inputs[3])
      return crf.loss(Sequences(inputs[0], lengths: test.lengths), test.gold)
    }
    try test.expect(loss, "loss")
    try test.expect(gradients[0]?.tensor, "gradient.emissions")
    try test.expect(gradients[1]?.tensor, "gradient.transitions")
    try test.expect(gradients[2]?.tensor, "gradient.start_transitions")
    try test.expect(gradients[3]?.tensor, "gradient.end_transitions")
  }

  @Test(arguments: cases) func partitionMarginalsAndBestPath(name: String) throws {
    let test = try Case(name)
    let emissions = Sequences(test.emissions, lengths: test.lengths)
    let partition = test.crf.logPartition(emissions).map { Float($0) }
    try test.expect(Tensor(shape: [partition.count], values: partition), "log_partition")
    try test.expect(test.crf.marginals(emissions).padded(), "marginals")
    #expect(test.crf.decode(emissions) == test.best)
  }
}
