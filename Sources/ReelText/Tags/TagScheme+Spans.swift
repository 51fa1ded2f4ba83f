extension TagScheme {
  /// The spans that the tags of a sentence stand for, in order.
  ///
  /// - Throws: where the tags break this scheme.
  public func spans(of tags: [String]) throws(TagViolation) -> [Span] {
    try validate(tags)
    return Self.scoredSpans(of: tags)
  }

  /// The tags of a sentence of `count` tokens with these spans.
  ///
  /// - Throws: where a span is empty, lies outside of the sentence or overlaps another one.
  public func tags(for spans: [Span], count: Int) throws(TextError) -> [String] {
    var tags = [String](repeating: "O", count: count)
    var last: Span?
    let ordered = spans.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for span in ordered {
      let range = span.range
      guard !range.isEmpty, range.lowerBound >= 0, range.upperBound <= count else {
        throw TextError(
          "the span \(jsonQuoted(span.label)) over tokens \(range) came, expected at least one of "
            + "the sentence's \(count) tokens")
      }
      if let last, last.range.overlaps(range) {
        throw TextError(
          "the span \(jsonQuoted(span.label)) over tokens \(range) overlaps "
            + "\(jsonQuoted(last.label)) over \(last.range)")
      }
      let follows = last.map {
        $0.range.upperBound == range.lowerBound && $0.label.utf8.elementsEqual(span.label.utf8)
      }
      for index in range {
        let isFirst = index == range.lowerBound
        let isLast = index == range.upperBound - 1
        let position: Tag.Position
        switch self {
        case .iob1: position = isFirst && follows == true ? .begin : .inside
        case .iob2: position = isFirst ? .begin : .inside
        case .iobes, .bilou:
          position = isFirst ? (isLast ? .single : .begin) : (isLast ? .end : .inside)
        }
        tags[index] = text(position, Substring(span.label))
      }
      last = span
    }
    return tags
  }

  /// The tags of a sentence in another scheme.
  ///
  /// - Throws: where they break this one.
  public func convert(_ tags: [String], to other: TagScheme) throws(TagViolation) -> [String] {
    let spans = try spans(of: tags)
    // Spans that come from tags lie in the sentence and do not overlap.
    return (try? other.tags(for: spans, count: tags.count)) ?? tags
  }

  /// The spans of tags that may break every scheme, as a model's do: what the CoNLL scorer
  /// (conlleval, Tjong Kim Sang 2000) counts as a span, with E and L, S and U taken as an end and
  /// as a whole span. A span ends where the label changes, where a B or S follows, and after an E
  /// or S; every other tag but "O" goes on with the span before it or begins one.
  ///
  /// Tags of no known form count as "O".
  public static func scoredSpans(of tags: [String]) -> [Span] {
    var spans: [Span] = []
    var open: (label: Substring, start: Int)?
    func close(at end: Int) {
      if let (label, start) = open {
        spans.append(Span(label: String(label), range: start..<end))
      }
      open = nil
    }
    for (index, text) in tags.enumerated() {
      guard let tag = TagScheme.iobes.parse(text) ?? TagScheme.bilou.parse(text),
        tag.position != .outside
      else {
        close(at: index)
        continue
      }
      let startsAnew = tag.position == .begin || tag.position == .single
      if let label = open?.label, startsAnew || !label.utf8.elementsEqual(tag.label.utf8) {
        close(at: index)
      }
      if open == nil { open = (tag.label, index) }
      if tag.position == .end || tag.position == .single { close(at: index + 1) }
    }
    close(at: tags.count)
    return spans
  }
}
