import ReelLayers
import ReelTensor

extension LinearChainCRF {
  /// The negative logarithm of the probability of the right tags, −log p(y), summed over the
  /// sequences and divided by the number of those with time steps; 0 when there are none.
  ///
  /// One node of the graph, with the gradient by forward–backward: in the emissions and in every
  /// score the probability (of the tag, of the transition) minus how often it really stood there.
  ///
  /// A sequence of tags that the constraints forbid has probability 0: the loss is +∞.
  ///
  /// - Parameters:
  ///   - emissions: [batch, time, T], in nats.
  ///   - tags: the right tags, 0..<T, of the same lengths.
  public func loss(_ emissions: Sequences, _ tags: TokenSequences) -> Tensor {
    check(emissions)
    precondition(
      emissions.layout == tags.layout,
      "LinearChainCRF: emissions of lengths \(emissions.lengths), tags of lengths \(tags.lengths)")
    for id in tags.ids {
      precondition(
        id >= 0 && id < self.tags, "LinearChainCRF: tag \(id) came, 0..<\(self.tags) is expected")
    }
    let inputs = [emissions.values, transitions, start, end]
    let isWatched = inputs.contains(where: \.isWatched)
    let result = ChainLoss(self, emissions, tags, withGradient: isWatched)
    let sequences = emissions.layout.active.first ?? 0
    let share = sequences == 0 ? 0 : 1 / Float(sequences)
    let loss = Tensor(sequences == 0 ? 0 : Float(result.loss / Double(sequences)))
    return record(loss, from: inputs) { gradient in
      let scale = Tensor(gradient.scalar * share)
      return result.gradients.map { .dense($0 * scale) }
    }
  }
}

/// The loss of a batch, summed over its sequences, and its gradients.
private struct ChainLoss: Sendable {
  let loss: Double
  /// In the emissions, transitions, start and end; none when nobody watches.
  let gradients: [Tensor]

  init(
    _ crf: LinearChainCRF, _ emissions: Sequences, _ tags: TokenSequences, withGradient: Bool
  ) {
    let count = crf.tags
    let scores = ChainScores(crf)
    let pieces = LinearChainCRF.pieces(of: emissions.layout, tags: count).count
    // For each piece its loss, then its gradients in transitions, start and end.
    let size = 1 + count * count + 2 * count
    var parts = [Double](repeating: 0, count: pieces * size)
    let inEmissions = withGradient ? Storage(count: emissions.values.count) : nil
    parts.withUnsafeMutableBufferPointer { parts in
      guard let base = parts.baseAddress else { return }
      let shared = Shared(base)
      crf.forEachPiece(of: emissions) { piece, places, emissions in
        let pass = ChainPass(scores, emissions, longest: emissions.length(places.lowerBound))
        let part = ChainLossPart(
          tags: count, pointer: shared.pointer + piece * size,
          joints: withGradient ? JointSums(tags: count) : nil)
        for place in places {
          pass.forward(place)
          let tag = { (step: Int) in Int(tags.ids[emissions.layout.offsets[step] + place]) }
          part.loss.pointee += pass.logPartition - pass.score(tag)
          guard let gradient = inEmissions?.pointer else { continue }
          let row = { gradient + (emissions.layout.offsets[$0] + place) * count }
          pass.backward(marginals: row, joints: part.joints)
          part.finish(pass, row, tag)
        }
        part.addJoints(scores)
      }
    }
    var sums = [Double](repeating: 0, count: size)
    for piece in 0..<pieces {
      for index in 0..<size { sums[index] += parts[piece * size + index] }
    }
    loss = sums[0]
    guard let inEmissions else {
      gradients = []
      return
    }
    let floats = sums.dropFirst().map { Float($0) }
    let square = count * count
    gradients = [
      Tensor(shape: emissions.values.shape, storage: inEmissions),
      Tensor(shape: [count, count], values: floats[..<square]),
      Tensor(shape: [count], values: floats[square..<square + count]),
      Tensor(shape: [count], values: floats[(square + count)...]),
    ]
  }
}

/// What one piece of the batch adds up.
private struct ChainLossPart {
  let tags: Int
  let pointer: UnsafeMutablePointer<Double>
  let joints: JointSums?

  var loss: UnsafeMutablePointer<Double> { pointer }
  private var transitions: UnsafeMutablePointer<Double> { pointer + 1 }
  private var start: UnsafeMutablePointer<Double> { transitions + tags * tags }
  private var end: UnsafeMutablePointer<Double> { start + tags }

  /// Turns marginals into gradients: takes away what the right tags are.
  func finish(
    _ pass: ChainPass, _ row: (Int) -> UnsafeMutablePointer<Float>, _ tag: (Int) -> Int
  ) {
    let last = pass.length - 1
    for index in 0..<tags {
      start[index] += Double(row(0)[index])
      end[index] += Double(row(last)[index])
    }
    subtract(1, at: start + tag(0), from: pass.scores.start[0][tag(0)])
    subtract(1, at: end + tag(last), from: pass.scores.end[0][tag(last)])
    for step in 0...last {
      row(step)[tag(step)] -= 1
      guard step > 0 else { continue }
      let (from, to) = (tag(step - 1), tag(step))
      subtract(1, at: transitions + from * tags + to, from: pass.scores.transitions[from][to])
    }
  }

  /// A forbidden score is no parameter: nothing can move it.
  private func subtract(
    _ value: Double, at target: UnsafeMutablePointer<Double>, from score: Double
  ) {
    if score != -.infinity { target.pointee -= value }
  }

  func addJoints(_ scores: ChainScores) {
    guard let joints else { return }
    for from in 0..<tags {
      for to in 0..<tags {
        transitions[from * tags + to] +=
          joints.scaled[from][to] * scores.weights[from][to] + joints.direct[from][to]
      }
    }
  }
}
