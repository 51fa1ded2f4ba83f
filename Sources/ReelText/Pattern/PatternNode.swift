/// A regular expression as a tree.
indirect enum PatternNode: Sendable, Equatable {
  enum Repetition: Sendable, Equatable {
    /// As often as possible, then less often.
    case greedy
    /// As seldom as possible, then more often.
    case lazy
    /// As often as possible, and never less.
    case possessive
  }

  enum Anchor: Sendable, Equatable {
    case lineStart, lineEnd, textStart, textEnd, lastLineEnd, wordBoundary, noWordBoundary
  }

  /// One scalar of a set.
  case set(ScalarSet)
  case sequence([PatternNode])
  /// The first alternative that leads to a match.
  case alternatives([PatternNode])
  case repeated(PatternNode, minimum: Int, maximum: Int?, Repetition)
  /// The first way in which the body matches, and no other.
  case atomic(PatternNode)
  case look(PatternNode, ahead: Bool, negated: Bool)
  case anchor(Anchor)
  /// One extended grapheme cluster.
  case grapheme

  static let empty = PatternNode.sequence([])

  /// Alternatives in their simplest form: those of single scalars are one set.
  static func anyOf(_ nodes: [PatternNode]) -> PatternNode {
    if nodes.count == 1 { return nodes[0] }
    var union = ScalarSet.empty
    for node in nodes {
      guard case .set(let set) = node else { return .alternatives(nodes) }
      union = union.union(set)
    }
    return .set(union)
  }

  /// Whether the node can match without taking a scalar, and the scalars with which what it matches
  /// can begin.
  var beginning: (isNullable: Bool, set: ScalarSet) {
    switch self {
    case .set(let set): return (false, set)
    case .sequence(let nodes): return Self.beginning(of: nodes[...])
    case .alternatives(let nodes):
      var result = (isNullable: false, set: ScalarSet.empty)
      for node in nodes {
        let (isNullable, set) = node.beginning
        result.isNullable = result.isNullable || isNullable
        result.set = result.set.union(set)
      }
      return result
    case .repeated(let node, let minimum, let maximum, _):
      if maximum == 0 { return (true, .empty) }
      let (isNullable, set) = node.beginning
      return (isNullable || minimum == 0, set)
    case .atomic(let node): return node.beginning
    case .look, .anchor: return (true, .empty)
    case .grapheme: return (false, .all)
    }
  }

  static func beginning(of nodes: ArraySlice<PatternNode>) -> (isNullable: Bool, set: ScalarSet) {
    var union = ScalarSet.empty
    for node in nodes {
      let (isNullable, set) = node.beginning
      union = union.union(set)
      if !isNullable { return (false, union) }
    }
    return (true, union)
  }

  /// How many scalars the node takes, where that is always the same number.
  var fixedLength: Int? {
    switch self {
    case .set: return 1
    case .sequence(let nodes):
      var sum = 0
      for node in nodes {
        guard let length = node.fixedLength else { return nil }
        sum += length
      }
      return sum
    case .alternatives(let nodes):
      guard let first = nodes.first?.fixedLength else { return nil }
      return nodes.allSatisfy { $0.fixedLength == first } ? first : nil
    case .repeated(let node, let minimum, let maximum, _):
      guard minimum == maximum, let length = node.fixedLength else { return nil }
      return minimum * length
    case .atomic(let node): return node.fixedLength
    case .look, .anchor: return 0
    case .grapheme: return nil
    }
  }
}
