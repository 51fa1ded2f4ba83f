extension AlignedText {
  /// Removes marks: of category Mn, or of Mc and Me too.
  mutating func removeMarks(onlyNonspacing: Bool) {
    let table = UnicodeProperties.table
    changeScalars(keepsASCII: true) { scalar in
      let properties = table[scalar]
      guard properties.isMark, !onlyNonspacing || properties.category == .mn else { return .kept }
      return .removed
    }
  }

  /// Removes white space at either end.
  mutating func strip(left: Bool, right: Bool) {
    let kept = bytes.withUnsafeBufferPointer { Self.stripped($0, left: left, right: right) }
    if kept == 0..<bytes.count { return }
    rewrite { rewriter in
      rewriter.remove(0..<kept.lowerBound)
      rewriter.keep(kept)
      rewriter.remove(kept.upperBound..<rewriter.sourceCount)
    }
  }

  private static func stripped(
    _ bytes: UnsafeBufferPointer<UInt8>, left: Bool, right: Bool
  ) -> Range<Int> {
    let table = UnicodeProperties.table
    var lower = 0
    var upper = bytes.count
    while left, lower < upper {
      let (scalar, length) = UTF8Sequence.scalar(at: lower, in: bytes)
      guard table[scalar].isWhiteSpace else { break }
      lower += length
    }
    while right, lower < upper {
      var start = upper - 1
      while start > lower, bytes[start] & 0xC0 == 0x80 { start -= 1 }
      guard table[UTF8Sequence.scalar(at: start, in: bytes).value].isWhiteSpace else { break }
      upper = start
    }
    return lower..<upper
  }

  /// Removes what ``Normalizer/cleanControls`` names.
  mutating func cleanControls() {
    let table = UnicodeProperties.table
    changeScalars { scalar in
      switch scalar {
      case 0x20...0x7E: return .kept
      case 0xAD, 0xFEFF: return .removed
      // The property Bidi_Control.
      case 0x61C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: return .removed
      default:
        let properties = table[scalar]
        return properties.category == .cc && !properties.isWhiteSpace ? .removed : .kept
      }
    }
  }

  /// Makes each run of white space one space, and none at the ends.
  mutating func cleanWhiteSpace() {
    let source = bytes
    source.withUnsafeBufferPointer { source in
      let table = UnicodeProperties.table
      var runs = WhiteSpaceRuns(source: source, table: table)
      guard var run = runs.nextToChange() else { return }
      rewrite { rewriter in
        while true {
          rewriter.keep(upTo: run.lowerBound)
          if run.lowerBound == 0 || run.upperBound == source.count {
            rewriter.remove(run)
          } else {
            rewriter.replace(run, with: 0x20)
          }
          guard let next = runs.nextToChange() else { break }
          run = next
        }
        rewriter.keep(upTo: source.count)
      }
    }
  }

  /// What SentencePiece's "nmt" rules do: the lists are those of its builder.cc.
  mutating func cleanForTranslation() {
    changeScalars { scalar in
      switch scalar {
      case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: return .removed
      case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
        return .replaced(by: 0x20)
      default: return .kept
      }
    }
  }
}

/// Goes through runs of white space.
private struct WhiteSpaceRuns {
  let source: UnsafeBufferPointer<UInt8>
  let table: PropertyTable
  private var position = 0

  init(source: UnsafeBufferPointer<UInt8>, table: PropertyTable) {
    self.source = source
    self.table = table
  }

  /// The next run that is not one space between two other characters.
  mutating func nextToChange() -> Range<Int>? {
    while position < source.count {
      let start = position
      let end = endOfWhiteSpace(from: start)
      if end == start {
        position += UTF8Sequence.scalar(at: start, in: source).length
        continue
      }
      position = end
      let isOneSpace = end == start + 1 && source[start] == 0x20
      if !isOneSpace || start == 0 || end == source.count { return start..<end }
    }
    return nil
  }

  private func endOfWhiteSpace(from start: Int) -> Int {
    var end = start
    while end < source.count {
      let (scalar, length) = UTF8Sequence.scalar(at: end, in: source)
      guard table[scalar].isWhiteSpace else { break }
      end += length
    }
    return end
  }
}
