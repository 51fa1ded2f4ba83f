extension AlignedText {
  /// Replaces each match of a pattern; an empty match has the text put in at its place.
  mutating func replace(_ pattern: Pattern, with replacement: String) {
    let source = bytes
    let replacement = Array(replacement.utf8)
    source.withUnsafeBufferPointer { source in
      var matches: [Range<Int>] = []
      pattern.forEachMatch(in: source) { matches.append($0) }
      if matches.isEmpty { return }
      rewrite { rewriter in
        for match in matches {
          rewriter.keep(upTo: match.lowerBound)
          if match.isEmpty {
            rewriter.insert(replacement)
          } else {
            rewriter.replace(match, with: replacement)
          }
        }
        rewriter.keep(upTo: source.count)
      }
    }
  }

  /// Puts a text before a text that is not empty.
  mutating func prepend(_ prefix: String) {
    if bytes.isEmpty || prefix.isEmpty { return }
    let first = 0..<bytes.withUnsafeBufferPointer { UTF8Sequence.scalar(at: 0, in: $0).length }
    let content = Array(prefix.utf8) + bytes[first]
    rewrite { rewriter in
      // As in the library, the prefix stands for the first character together with it.
      rewriter.replace(first, with: content)
      rewriter.keep(upTo: rewriter.sourceCount)
    }
  }

  /// Writes each byte as its character of ``ByteLevelAlphabet``.
  mutating func spellBytes() {
    let source = bytes
    source.withUnsafeBufferPointer { source in
      rewrite { rewriter in
        var spelled: [UInt8] = []
        var position = 0
        while position < source.count {
          // Visible ASCII stands for itself.
          if (0x21...0x7E).contains(source[position]) {
            position += 1
            continue
          }
          rewriter.keep(upTo: position)
          let length = UTF8Sequence.scalar(at: position, in: source).length
          spelled.removeAll(keepingCapacity: true)
          for byte in source[position..<position + length] {
            appendUTF8(ByteLevelAlphabet.scalars[Int(byte)].value, to: &spelled)
          }
          rewriter.replace(position..<position + length, with: spelled)
          position += length
        }
        rewriter.keep(upTo: source.count)
      }
    }
  }
}
