/// How much longer parts can make a text. Each replacement may put several characters in the place
/// of one, so a short file of many replacements could ask for more memory than there is.
enum PartGrowth {
  /// Beyond any use, and small enough that a short text stays small.
  static let limit = 1_048_576.0

  static func check(_ growth: Double, _ name: String) throws(TextError) {
    guard growth > limit else { return }
    throw TextError(
      "\(name) can make a text \(growth) times longer, expected at most \(Int(limit)) times")
  }

  static func replacing(_ pattern: Pattern, with text: String) -> Double {
    let count = Double(text.utf8.count)
    switch pattern.source {
    case .literal(let literal) where !literal.isEmpty:
      return max(1, count / Double(literal.utf8.count))
    // An expression may match nothing between any two characters.
    default: return count + 1
    }
  }
}

extension Normalizer {
  /// By which factor a text may grow, at most.
  var growth: Double {
    switch self {
    case .replace(let pattern, let text): PartGrowth.replacing(pattern, with: text)
    case .prepend(let text): Double(text.utf8.count + 1)
    case .byteLevel: 2
    case .precompiled(let map): map.growth
    // The longest decompositions, those of U+1D160 and its like and of U+FDFA.
    case .form(let form): form == .nfkc || form == .nfkd ? 11 : 3
    case .lowercase, .caseFold, .bert: 3
    case .sequence(let parts): parts.reduce(1) { $0 * $1.growth }
    case .stripAccents, .strip, .cleanControls, .cleanWhiteSpace, .nmt: 1
    }
  }
}

extension PrecompiledMap {
  /// The length of its longest replacement: they end with zeros.
  fileprivate var growth: Double {
    var longest = 1
    var length = 0
    // Four bytes say how long the trie before the replacements is.
    let trie = 4 + bytes.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
    for byte in bytes.dropFirst(trie) {
      length = byte == 0 ? 0 : length + 1
      longest = max(longest, length)
    }
    return Double(longest)
  }
}

extension TokenDecoder {
  /// By which factor a token may grow, at most.
  var growth: Double {
    switch self {
    case .replace(let pattern, let text): PartGrowth.replacing(pattern, with: text)
    // A space before each character.
    case .bytePair(let suffix): suffix.isEmpty ? 2 : 1
    case .wordPiece, .ctc: 2
    case .sequence(let parts): parts.reduce(1) { $0 * $1.growth }
    case .byteLevel, .metaspace, .byteFallback, .fuse, .strip: 1
    }
  }
}
