import ReelLayers
import ReelTensor

extension LinearChainCRF {
  /// A run of tags somewhere in a sequence, whose probability is asked for.
  public struct TagRun: Sendable, Equatable {
    /// The time step of the first tag.
    public var start: Int
    /// The tags, one for each step, at least one.
    public var tags: [Int32]
    /// Tags that must not stand right before the run.
    public var excludedBefore: [Int32]
    /// Tags that must not stand right after it: in IOB2 the run "B-PER I-PER" is the whole span only
    /// where no "I-PER" follows.
    public var excludedAfter: [Int32]

    public init(
      start: Int, tags: [Int32], excludedBefore: [Int32] = [], excludedAfter: [Int32] = []
    ) {
      self.start = start
      self.tags = tags
      self.excludedBefore = excludedBefore
      self.excludedAfter = excludedAfter
    }

    var end: Int { start + tags.count }
  }

  /// The probability that exactly these tags stand there, whatever stands elsewhere (constrained
  /// forward–backward, Culotta and McCallum 2004): how sure the model is of a span.
  ///
  /// - Parameters:
  ///   - runs: for each sequence the runs to look at; each must lie in its sequence.
  /// - Returns: a probability for each run; NaN where the emissions are.
  public func spanProbabilities(_ emissions: Sequences, _ runs: [[TagRun]]) -> [[Double]] {
    check(emissions)
    precondition(
      runs.count == emissions.layout.batch,
      "spanProbabilities: runs for \(runs.count) of \(emissions.layout.batch) sequences")
    for (runs, length) in zip(runs, emissions.lengths) {
      for run in runs {
        let mentioned = run.tags + run.excludedBefore + run.excludedAfter
        precondition(
          run.start >= 0 && run.end <= length && !run.tags.isEmpty
            && mentioned.allSatisfy { $0 >= 0 && $0 < tags },
          "spanProbabilities: \(run) in a sequence of \(length) steps with \(tags) tags")
      }
    }
    let scores = ChainScores(self)
    return collect(emissions) { places, emissions, set in
      let pass = ChainPass(
        scores, emissions, longest: emissions.length(places.lowerBound), keepsAll: true)
      for place in places {
        let own = runs[emissions.layout.order[place]]
        guard !own.isEmpty else { continue }
        pass.forward(place)
        pass.backward { _ in nil }
        set(place, own.map { pass.probability(of: $0) })
      }
    } empty: {
      []
    }
  }
}

extension ChainPass {
  /// p(run) = p(y_a)·Π p(y_t | y_{t−1}) over its steps, less what goes on before or after it.
  func probability(of run: LinearChainCRF.TagRun) -> Double {
    let tags = run.tags.map { Int($0) }
    var result = marginal(run.start, tags[0])
    if run.start > 0 {
      for tag in run.excludedBefore { result -= joint(run.start, Int(tag), tags[0]) }
    }
    for index in 1..<tags.count {
      result *= conditional(run.start + index, tags[index - 1], tags[index])
    }
    if run.end < length {
      var goesOn = 0.0
      for tag in run.excludedAfter {
        goesOn += conditional(run.end, tags[tags.count - 1], Int(tag))
      }
      result *= 1 - goesOn
    }
    return result < 0 ? 0 : result
  }

  /// p(y_step = to | y_{step−1} = from).
  private func conditional(_ step: Int, _ from: Int, _ to: Int) -> Double {
    let before = marginal(step - 1, from)
    return before == 0 ? 0 : joint(step, from, to) / before
  }
}
