extension Encoding {
  /// Takes the white space at both ends of each token out of its offsets.
  ///
  /// What counts is the white space of the token as the vocabulary writes it, the byte-level
  /// alphabet's space included; as many scalars of the text are left out.
  mutating func trimOffsets(addsPrefixSpace: Bool, in texts: [[UInt8]]) {
    for (sequence, text) in texts.enumerated() {
      trimOffsets(addsPrefixSpace: addsPrefixSpace, in: text, sequence: sequence)
    }
    for index in overflowing.indices {
      overflowing[index].trimOffsets(addsPrefixSpace: addsPrefixSpace, in: texts)
    }
  }

  private mutating func trimOffsets(addsPrefixSpace: Bool, in text: [UInt8], sequence: Int) {
    text.withUnsafeBufferPointer { bytes in
      for index in offsets.indices where sequenceIndices[index] == sequence {
        let scalars = tokens[index].unicodeScalars
        var leading = scalars.prefix(while: Self.isSpace).count
        let trailing = scalars.reversed().prefix(while: Self.isSpace).count
        guard leading > 0 || trailing > 0 else { continue }
        var range = offsets[index]
        if leading > 0 {
          // The one space before the start of the text was put there, and stands for nothing in it.
          if index == 0 || range.lowerBound == 0, addsPrefixSpace, leading == 1 { leading = 0 }
          var lower = range.lowerBound
          for _ in 0..<leading where lower < range.upperBound {
            lower += max(1, UTF8Sequence.wellFormedScalar(at: lower, in: bytes)?.length ?? 1)
          }
          range = min(lower, range.upperBound)..<range.upperBound
        }
        var upper = range.upperBound
        for _ in 0..<trailing where upper > range.lowerBound {
          upper -= max(1, UTF8Sequence.wellFormedScalar(before: upper, in: bytes)?.length ?? 1)
        }
        offsets[index] = range.lowerBound..<max(upper, range.lowerBound)
      }
    }
  }

  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar == ByteLevelAlphabet.scalars[0x20] || UnicodeProperties.isWhiteSpace(scalar.value)
  }
}
