import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport

/// A chain whose every sequence of tags is scored one by one, in Double: what the library is held
/// against. It shares nothing with the passes under test.
struct BruteForceCRF {
  var start: [Double]
  var end: [Double]
  var transitions: [[Double]]
  var constraints: TagConstraints?

  init(_ crf: LinearChainCRF) {
    let tags = crf.tags
    start = crf.start.values.map(Double.init)
    end = crf.end.values.map(Double.init)
    let values = crf.transitions.values.map(Double.init)
    transitions = (0..<tags).map { Array(values[$0 * tags..<($0 + 1) * tags]) }
    constraints = crf.constraints
  }

  var tags: Int { start.count }

  /// Every sequence of tags, counted up like a number whose last digit runs fastest.
  func sequences(_ length: Int) -> [[Int32]] {
    var all: [[Int32]] = [[]]
    for _ in 0..<length {
      all = all.flatMap { head in (0..<Int32(tags)).map { head + [$0] } }
    }
    return all
  }

  /// s(y); −∞ where something is forbidden.
  func score(_ sequence: [Int32], _ emissions: [[Double]]) -> Double {
    guard !sequence.isEmpty else { return 0 }
    let ids = sequence.map { Int($0) }
    var total = start[ids[0]] + end[ids[ids.count - 1]]
    if let constraints, !constraints.start[ids[0]] { return -.infinity }
    if let constraints, !constraints.end[ids[ids.count - 1]] { return -.infinity }
    for step in ids.indices {
      total += emissions[step][ids[step]]
      guard step > 0 else { continue }
      if let constraints, !constraints.allowed[ids[step - 1]][ids[step]] { return -.infinity }
      total += transitions[ids[step - 1]][ids[step]]
    }
    return total
  }

  /// All sequences of a probability above 0 with their scores, best first.
  func ranked(_ emissions: [[Double]]) -> [(tags: [Int32], score: Double)] {
    sequences(emissions.count).map { ($0, score($0, emissions)) }
      .filter { $0.1 > -.infinity }.sorted { $0.1 > $1.1 }
  }

  func logPartition(_ emissions: [[Double]]) -> Double {
    let scores = sequences(emissions.count).map { score($0, emissions) }
    let largest = scores.max() ?? 0
    guard largest > -.infinity else { return largest }
    return largest + log(scores.reduce(0) { $0 + exp($1 - largest) })
  }

  /// The probability of all sequences that fit.
  func probability(_ emissions: [[Double]], _ fits: ([Int32]) -> Bool) -> Double {
    let partition = logPartition(emissions)
    return sequences(emissions.count).filter(fits)
      .reduce(0) { $0 + exp(score($1, emissions) - partition) }
  }
}

extension Sequences {
  /// The emissions of each sequence in Double.
  var exactRows: [[[Double]]] {
    lengths.indices.map { row in
      let values = self[row].values.map(Double.init)
      return (0..<lengths[row]).map {
        Array(values[$0 * featureCount..<($0 + 1) * featureCount])
      }
    }
  }
}

/// A random chain and a ragged batch for it.
struct CRFCase {
  var crf: LinearChainCRF
  var emissions: Sequences
  /// Right tags; allowed ones where there are constraints.
  var gold: TokenSequences

  init(
    tags: Int, lengths: [Int], constraints: TagConstraints? = nil, scale: Float = 2,
    seed: UInt64
  ) {
    var random = TestRandom(seed)
    var generator = RandomGenerator(seed: seed)
    crf = LinearChainCRF(tags: tags, constraints: constraints, using: &generator)
    crf.transitions = random.tensor([tags, tags], in: -scale...scale)
    crf.start = random.tensor([tags], in: -scale...scale)
    crf.end = random.tensor([tags], in: -scale...scale)
    let longest = lengths.max() ?? 0
    emissions = Sequences(
      random.tensor([lengths.count, longest, tags], in: -scale...scale), lengths: lengths)
    gold = TokenSequences(
      lengths.map { length in
        randomTags(tags, length, constraints, using: &random)
      })
  }
}

/// Random tags that the constraints allow; any tags where they allow none of this length.
func randomTags(
  _ tags: Int, _ length: Int, _ constraints: TagConstraints?, using random: inout TestRandom
) -> [Int32] {
  for _ in 0..<20_000 {
    var sequence: [Int32] = []
    for _ in 0..<length {
      let fitting = (0..<Int32(tags)).filter { tag in
        guard let constraints else { return true }
        guard let last = sequence.last else { return constraints.start[Int(tag)] }
        return constraints.allowed[Int(last)][Int(tag)]
      }
      guard let tag = fitting.randomElement(using: &random) else { break }
      sequence.append(tag)
    }
    if sequence.count == length, constraints?.allows(sequence) ?? true { return sequence }
  }
  return random.ids(length, in: 0..<Int32(tags))
}

/// Random constraints that allow at least one sequence of every length up to `longest`.
func randomConstraints(_ tags: Int, longest: Int, using random: inout TestRandom) -> TagConstraints
{
  while true {
    let constraints = TagConstraints(
      allowed: (0..<tags).map { _ in
        (0..<tags).map { _ in Int.random(in: 0..<5, using: &random) > 1 }
      },
      start: (0..<tags).map { _ in Int.random(in: 0..<4, using: &random) > 0 },
      end: (0..<tags).map { _ in Int.random(in: 0..<4, using: &random) > 0 })
    var reached = constraints.start
    var isGood = true
    for _ in 0..<longest {
      if !zip(reached, constraints.end).contains(where: { $0 && $1 }) { isGood = false }
      reached = (0..<tags).map { to in
        (0..<tags).contains { reached[$0] && constraints.allowed[$0][to] }
      }
    }
    if isGood { return constraints }
  }
}
