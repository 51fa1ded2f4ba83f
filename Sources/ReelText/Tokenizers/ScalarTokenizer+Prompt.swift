extension ScalarTokenizer {
  /// The ids of a prompt that somebody typed.
  ///
  /// A keyboard may write "é" where the training text has "e" with a combining accent, or "ﬁ" where
  /// it has "fi". So where the vocabulary lacks a scalar, the text is composed (NFC), and what is
  /// still lacking is tried in the forms NFKC, NFD and NFKD. What no form helps becomes the unknown
  /// token, and is reported.
  public func encodePrompt(_ text: String) -> EncodedPrompt {
    guard !text.unicodeScalars.allSatisfy({ id(of: $0) != nil }) else {
      return EncodedPrompt(ids: encode(text))
    }
    var result = EncodedPrompt(ids: [])
    let scalars = Array(text.normalized(.nfc).unicodeScalars)
    var start = 0
    while start < scalars.count {
      // A letter and its marks stand or fall together: the form of one depends on the others.
      var end = start + 1
      while end < scalars.count, scalars[end].properties.canonicalCombiningClass != .notReordered {
        end += 1
      }
      append(scalars[start..<end], to: &result)
      start = end
    }
    return result
  }

  private func append(_ scalars: ArraySlice<Unicode.Scalar>, to result: inout EncodedPrompt) {
    var piece = String.UnicodeScalarView()
    piece.append(contentsOf: scalars)
    let forms: [NormalizationForm] = [.nfc, .nfkc, .nfd, .nfkd]
    for form in forms {
      let ids = String(piece).normalized(form).unicodeScalars.map { id(of: $0) }
      if !ids.contains(nil) {
        result.ids.append(contentsOf: ids.compactMap { $0 })
        return
      }
    }
    for scalar in scalars {
      let found = id(of: scalar)
      result.ids.append(found ?? unknown)
      if found == nil, !result.unknown.contains(scalar) { result.unknown.append(scalar) }
    }
  }
}
