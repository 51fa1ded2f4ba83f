import Foundation
import ReelTensor

/// How the length of a hypothesis enters its score; longer ones have lower probabilities.
public enum LengthNormalization: Sendable, Codable, Equatable {
  /// Score = log-probability.
  case none
  /// Score = log-probability / length: the mean over tokens, the end counted.
  case mean
  /// Score = log-probability / ((5 + length) / 6)^α (Wu et al. 2016, eq. 14), the end counted.
  case power(alpha: Double)

  /// The score of a hypothesis of `length` tokens, the end counted.
  public func score(_ logProbability: Double, length: Int) -> Double {
    switch self {
    case .none: logProbability
    case .mean: logProbability / Double(max(length, 1))
    case .power(let alpha): logProbability / pow((5 + Double(length)) / 6, alpha)
    }
  }
}

/// What a beam search found.
public struct Hypothesis: Sendable, Equatable {
  /// The tokens, without marks of beginning and end.
  public var tokens: [Int32]
  /// Of the tokens and of the end after them.
  public var logProbability: Double
  /// What hypotheses are ranked by: the log-probability after length normalization.
  public var score: Double

  public init(tokens: [Int32], logProbability: Double, score: Double) {
    self.tokens = tokens
    self.logProbability = logProbability
    self.score = score
  }
}

/// Beam search for the most probable sequences of tokens, for many sources at once.
///
/// At each step every live hypothesis of every source is a row of one batch. Of all ways to go on,
/// each source keeps the `width` most probable that do not end; ways that end and are among the
/// `width` most probable of all are finished. A source is done when `width` hypotheses are finished
/// or none is live. A hypothesis that has reached the longest length can only end there. With a
/// width at least the number of all sequences, this is exhaustive search; with width 1, greedy
/// decoding. Equally probable ways keep the order of their rows and tokens.
public struct BeamSearch: Sendable {
  /// Live hypotheses of each source.
  public var width: Int
  public var normalization: LengthNormalization
  /// The token that ends a sequence.
  public var end: Int32
  /// Tokens that never come out.
  public var excluded: [Int32]

  public init(
    width: Int, normalization: LengthNormalization = .mean, end: Int32, excluding: [Int32] = []
  ) {
    precondition(width >= 1, "BeamSearch: width \(width), at least 1 is expected")
    self.width = width
    self.normalization = normalization
    self.end = end
    excluded = excluding
  }

  /// Searches.
  ///
  /// - Parameters:
  ///   - start: the token that the first step of every source is fed.
  ///   - maximumLengths: for each source the most tokens of a hypothesis, the end not counted.
  ///   - step: gets for each row the token it is fed and the row of the step before that it
  ///     continues (at first: the number of its source), and returns the log-probabilities of the
  ///     next token, [rows, classes].
  /// - Returns: for each source its finished hypotheses, at most `width` of them, the best first.
  public func callAsFunction(
    start: Int32, maximumLengths: [Int],
    step: (_ tokens: [Int32], _ parents: [Int]) throws -> Tensor
  ) rethrows -> [[Hypothesis]] {
    var beams = maximumLengths.map { Beam(maximumLength: $0) }
    var nodes = BeamNodes()
    var live = beams.indices.map { source in
      LiveHypothesis(source: source, row: source, token: start, node: -1, logProbability: 0)
    }
    var length = 0
    while !live.isEmpty {
      let scores = try step(live.map(\.token), live.map(\.row))
      precondition(
        scores.rank == 2 && scores.shape[0] == live.count && scores.shape[1] > Int(end),
        "BeamSearch: log-probabilities of shape \(scores.shape) for \(live.count) rows and the "
          + "end \(end)")
      var next: [LiveHypothesis] = []
      var first = 0
      while first < live.count {
        let source = live[first].source
        var last = first
        while last < live.count, live[last].source == source { last += 1 }
        next += advance(
          &beams[source], live, rows: first..<last, scores, length: length, &nodes)
        first = last
      }
      live = next
      length += 1
    }
    return beams.map { beam in
      beam.finished.sorted { ($1.score, $0.order) < ($0.score, $1.order) }.prefix(width).map {
        Hypothesis(
          tokens: nodes.tokens(to: $0.node), logProbability: $0.logProbability, score: $0.score)
      }
    }
  }

  /// One source's step; returns its live hypotheses.
  private func advance(
    _ beam: inout Beam, _ live: [LiveHypothesis], rows: Range<Int>, _ scores: Tensor, length: Int,
    _ nodes: inout BeamNodes
  ) -> [LiveHypothesis] {
    var best = BestExtensions(count: width)
    var endings: [Extension] = []
    let isLast = length >= beam.maximumLength
    let classes = scores.shape[1]
    scores.withUnsafeValues { values in
      for row in rows {
        let probability = live[row].logProbability
        let line = UnsafeBufferPointer(rebasing: values[row * classes..<(row + 1) * classes])
        endings.append(
          Extension(row: row, token: end, logProbability: probability + Double(line[Int(end)])))
        guard !isLast else { continue }
        best.add(line, row: row, after: probability) { token in
          token == end || excluded.contains(token)
        }
      }
    }
    // An end counts where fewer than `width` ways, ends among them, are more probable.
    let ways = best.sorted
    endings = endings.enumerated().sorted {
      ($1.element.logProbability, $0.offset) < ($0.element.logProbability, $1.offset)
    }.map(\.element)
    for (rank, ending) in endings.enumerated() where ending.logProbability > -.infinity {
      let better = ways.prefix { $0.logProbability > ending.logProbability }.count
      guard rank + better < width else { break }
      beam.finished.append(
        FinishedHypothesis(
          order: beam.finished.count, node: live[ending.row].node,
          logProbability: ending.logProbability,
          score: normalization.score(ending.logProbability, length: length + 1)))
    }
    guard beam.finished.count < width else { return [] }
    return ways.map { way in
      LiveHypothesis(
        source: live[way.row].source, row: way.row, token: way.token,
        node: nodes.add(way.token, after: live[way.row].node), logProbability: way.logProbability)
    }
  }
}
