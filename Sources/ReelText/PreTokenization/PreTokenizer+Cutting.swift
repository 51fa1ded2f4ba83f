extension PreTokenizer {
  /// Cuts pieces into smaller ones.
  func cut(_ pieces: inout [Range<Int>], of text: inout AlignedText, isFirst: Bool) {
    switch self {
    case .whitespace:
      pieces = Self.cut(pieces, of: text) { bytes, emit in
        ClassScanner.scanWhitespace(bytes, emit)
      }
    case .whitespaceSplit: pieces = Self.removeWhiteSpace(pieces, of: text)
    case .bert:
      pieces = Self.removeWhiteSpace(pieces, of: text)
      pieces = Self.cut(pieces, of: text, at: Self.isPunctuation, .isolated)
    case .punctuation(let behavior):
      pieces = Self.cut(pieces, of: text, at: Self.isPunctuation, behavior)
    case .digits(let individual):
      let table = UnicodeProperties.table
      pieces = Self.cut(
        pieces, of: text, at: { table[$0].isNumber }, individual ? .isolated : .contiguous)
    case .characterDelimiter(let delimiter):
      pieces = Self.cut(pieces, of: text, at: { $0 == delimiter.value }, .removed)
    case .metaspace(let replacement, let scheme, let splits):
      pieces = Metaspace(replacement: replacement, scheme: scheme, isFirst: isFirst)
        .replaceSpaces(pieces, of: &text)
      if splits {
        let value = replacement.value
        pieces = Self.cut(pieces, of: text, at: { $0 == value }, .mergedWithNext)
      }
    case .byteLevel(let addsPrefixSpace, _, let usesPattern):
      if addsPrefixSpace { pieces = PrefixSpace.add(to: pieces, of: &text) }
      if usesPattern {
        pieces = Self.cut(pieces, of: text) { bytes, emit in
          ContractionScanner.scanGPT2(bytes, emit)
        }
      }
    case .split(let pattern, let behavior, let invert):
      pieces = Self.cut(pieces, of: text, at: pattern, behavior, invert: invert)
    case .unicodeScripts:
      pieces = Self.cut(pieces, of: text) { bytes, emit in
        ClassScanner.scanScripts(bytes, emit)
      }
    case .fixedLength(let length):
      precondition(length > 0, "pieces of fixed length \(length), expected at least 1")
      pieces = Self.cut(pieces, of: text) { bytes, emit in
        ClassScanner.scanFixedLength(bytes, length, emit)
      }
    case .sequence(let parts):
      for part in parts { part.cut(&pieces, of: &text, isFirst: isFirst) }
    }
  }

  /// Cuts each piece by a scanner that is given the bytes of the piece alone.
  private static func cut(
    _ pieces: [Range<Int>], of text: AlignedText,
    by scan: (UnsafeBufferPointer<UInt8>, (Range<Int>) -> Void) -> Void
  ) -> [Range<Int>] {
    var result: [Range<Int>] = []
    result.reserveCapacity(text.bytes.count / 5)
    text.bytes.withUnsafeBufferPointer { bytes in
      for piece in pieces {
        let start = piece.lowerBound
        scan(UnsafeBufferPointer(rebasing: bytes[piece])) { range in
          if !range.isEmpty {
            result.append(range.lowerBound + start..<range.upperBound + start)
          }
        }
      }
    }
    return result
  }

  private static func removeWhiteSpace(
    _ pieces: [Range<Int>], of text: AlignedText
  ) -> [Range<Int>] {
    cut(pieces, of: text) { bytes, emit in ClassScanner.scanWords(bytes, emit) }
  }

  /// Cuts at each scalar of a class.
  private static func cut(
    _ pieces: [Range<Int>], of text: AlignedText, at isDelimiter: (UInt32) -> Bool,
    _ behavior: SplitBehavior
  ) -> [Range<Int>] {
    cut(pieces, of: text) { bytes, emit in
      var joiner = PieceJoiner(behavior)
      var start = 0
      var position = 0
      while position < bytes.count {
        let length = scalarLength(bytes, at: position)
        let scalar = UTF8Sequence.scalarValue(at: position, length: length, in: bytes)
        if isDelimiter(scalar) {
          if start < position { joiner.add(start..<position, isMatch: false, emit) }
          start = position + length
          joiner.add(position..<start, isMatch: true, emit)
        }
        position += length
      }
      if start < position { joiner.add(start..<position, isMatch: false, emit) }
      joiner.finish(emit)
    }
  }

  /// Cuts at the matches of a pattern.
  private static func cut(
    _ pieces: [Range<Int>], of text: AlignedText, at pattern: Pattern, _ behavior: SplitBehavior,
    invert: Bool
  ) -> [Range<Int>] {
    var matcher = PatternMatcher(pattern)
    if behavior == .removed, invert {
      return cut(pieces, of: text) { bytes, emit in matcher.forEachMatch(in: bytes, emit) }
    }
    return cut(pieces, of: text) { bytes, emit in
      var joiner = PieceJoiner(behavior)
      var end = 0
      matcher.forEachMatch(in: bytes) { match in
        if end != match.lowerBound {
          joiner.add(end..<match.lowerBound, isMatch: invert, emit)
        }
        joiner.add(match, isMatch: !invert, emit)
        end = match.upperBound
      }
      if end != bytes.count { joiner.add(end..<bytes.count, isMatch: invert, emit) }
      joiner.finish(emit)
    }
  }

  /// What counts as punctuation: categories P and the ASCII symbols.
  private static func isPunctuation(_ scalar: UInt32) -> Bool {
    if scalar < 0x80 {
      switch scalar {
      case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return true
      default: return false
      }
    }
    return UnicodeProperties.isPunctuation(scalar)
  }
}

/// Makes pieces of stretches of text that are matches or lie between them, as a behaviour asks.
struct PieceJoiner {
  private let behavior: SplitBehavior
  /// A piece that may grow yet.
  private var pending: Range<Int>?
  private var wasMatch = false

  init(_ behavior: SplitBehavior) { self.behavior = behavior }

  /// Takes the next stretch.
  @inline(__always)
  mutating func add(_ range: Range<Int>, isMatch: Bool, _ emit: (Range<Int>) -> Void) {
    switch behavior {
    case .removed:
      if !isMatch { emit(range) }
    case .isolated: emit(range)
    case .contiguous: hold(range, joins: isMatch == wasMatch, emit)
    case .mergedWithPrevious: hold(range, joins: isMatch && !wasMatch, emit)
    case .mergedWithNext: hold(range, joins: wasMatch && !isMatch, emit)
    }
    wasMatch = isMatch
  }

  /// Ends the last piece.
  mutating func finish(_ emit: (Range<Int>) -> Void) {
    if let pending { emit(pending) }
  }

  private mutating func hold(
    _ range: Range<Int>, joins: Bool, _ emit: (Range<Int>) -> Void
  ) {
    if joins, let pending {
      self.pending = pending.lowerBound..<range.upperBound
    } else {
      if let pending { emit(pending) }
      pending = range
    }
  }
}
