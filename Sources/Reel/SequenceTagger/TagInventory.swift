import ReelText

/// The tags of training data and what they are.
struct TagInventory {
  /// The scheme that all sentences follow; nil for tags that mark no spans.
  let dataScheme: TagScheme?
  /// The tags inside the model.
  let tags: [String]

  /// - Throws: `TextError` where nothing can be learned from the tags.
  init(_ sentences: [TaggedSentence], innerScheme: TagScheme) throws(TextError) {
    var distinct = Set<[UInt8]>()
    for sentence in sentences {
      guard sentence.tags.count == sentence.tokens.count else {
        throw TextError(
          "\(TagCodec.place(of: sentence, 0))a sentence of \(sentence.tokens.count) tokens has no "
            + "tags, expected a tag for each token")
      }
      for tag in sentence.tags { distinct.insert(Array(tag.utf8)) }
    }
    guard !distinct.isEmpty else {
      throw TextError("the training data has no tokens, expected tagged sentences")
    }
    let found = distinct.sorted { $0.lexicographicallyPrecedes($1) }
      .map { String(decoding: $0, as: UTF8.self) }
    guard found.count > 1 else {
      throw TextError(
        "the training data has only the tag \"\(found[0])\", expected at least 2 different ones")
    }
    guard found.allSatisfy(Self.marksSpan) else {
      (dataScheme, tags) = (nil, found)
      return
    }
    let scheme = try Self.scheme(of: sentences)
    var labels: [String] = []
    for tag in found where tag != "O" {
      let label = tag.utf8.count > 2 ? String(decoding: tag.utf8.dropFirst(2), as: UTF8.self) : ""
      if !labels.contains(where: { $0.utf8.elementsEqual(label.utf8) }) { labels.append(label) }
    }
    do {
      tags = try TagCodec.innerTags(labels: labels, scheme: innerScheme)
    } catch {
      throw TextError("\(error)")
    }
    dataScheme = scheme
  }

  /// Whether a tag is "O", or a letter of some scheme with or without a label.
  private static func marksSpan(_ tag: String) -> Bool {
    let bytes = Array(tag.utf8)
    guard let first = bytes.first else { return false }
    if bytes.count == 1 { return "OBIESLU".utf8.contains(first) }
    return bytes.count > 2 && bytes[1] == UInt8(ascii: "-") && "BIESLU".utf8.contains(first)
  }

  /// The scheme that no sentence breaks; else the error of the one that is broken least often.
  private static func scheme(of sentences: [TaggedSentence]) throws(TextError) -> TagScheme {
    var detector = TagSchemeDetector()
    for sentence in sentences { detector.add(sentence) }
    if let scheme = detector.possible.first { return scheme }
    var best: (broken: Int, error: TextError)?
    for scheme in [TagScheme.iob2, .iobes, .bilou, .iob1] {
      var broken = 0
      var first: TextError?
      for sentence in sentences {
        do {
          try scheme.validate(sentence.tags)
        } catch {
          broken += 1
          if first == nil {
            first = TextError("\(TagCodec.place(of: sentence, error.index))\(error)")
          }
        }
      }
      if let first, broken < best?.broken ?? .max { best = (broken, first) }
    }
    throw best?.error ?? TextError("the tags follow no scheme")
  }
}
