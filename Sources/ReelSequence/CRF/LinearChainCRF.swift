import ReelLayers
import ReelTensor

/// A linear-chain conditional random field (Lafferty, McCallum and Pereira 2001): it scores whole
/// sequences of tags, so that neighbouring tags are chosen together.
///
/// With emissions e_t (one score for each tag at each time step, from a network below), a sequence
/// of tags y_1 … y_n has the score
///
///     s(y) = start[y_1] + Σ_t e_t[y_t] + Σ_{t>1} transitions[y_{t−1}, y_t] + end[y_n]
///
/// and the probability p(y) = exp(s(y)) / Z, Z = Σ_y exp(s(y)) over all sequences of tags that the
/// constraints allow. Z, the marginals and the gradient come from the forward–backward algorithm
/// (Rabiner 1989), the best sequence from Viterbi's (1967), in time that grows with n·T².
///
/// Shapes: T tags; emissions [batch, time, T], ragged; sequences of no time steps are legal and
/// count for nothing.
///
/// Numbers: an emission of −∞ masks a tag at one place. NaN in an emission of a sequence gives NaN
/// in its loss, partition and marginals; decoding takes it for the lowest score and still gives
/// tags that the constraints allow.
public struct LinearChainCRF: Module {
  /// [T, T]: the score of tag `to` right after tag `from`, at [from, to].
  public var transitions: Tensor
  /// [T]: the score of each tag at the first step.
  public var start: Tensor
  /// [T]: the score of each tag at the last step.
  public var end: Tensor
  /// What may not be; forbidden transitions have probability 0 in training and decoding, whatever
  /// their parameters are, and their parameters no gradient.
  public let constraints: TagConstraints?

  /// Parameters uniform in −0.1…0.1.
  ///
  /// - Parameters:
  ///   - tags: the number of tags T, at least 1.
  ///   - constraints: nil: every tag may stand anywhere.
  public init(
    tags: Int, constraints: TagConstraints? = nil, using generator: inout RandomGenerator
  ) {
    precondition(tags > 0, "LinearChainCRF: \(tags) tags, at least 1 is expected")
    precondition(
      constraints.map { $0.tags == tags } ?? true,
      "LinearChainCRF: constraints of \(constraints?.tags ?? 0) tags for \(tags) tags")
    self.constraints = constraints
    transitions = generator.uniform(shape: [tags, tags], in: -0.1...0.1)
    start = generator.uniform(shape: [tags], in: -0.1...0.1)
    end = generator.uniform(shape: [tags], in: -0.1...0.1)
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("transitions", &transitions)
    visitor.visit("start_transitions", &start)
    visitor.visit("end_transitions", &end)
  }

  /// The number of tags T.
  public var tags: Int { start.count }

  func check(_ emissions: Sequences) {
    precondition(
      emissions.featureCount == tags,
      "LinearChainCRF: emissions with \(emissions.featureCount) features for \(tags) tags")
  }
}
