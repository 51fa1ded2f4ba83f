extension TokenizerPipeline {
  /// What a text is cut into before the pre-tokenizer sees it.
  enum Part {
    /// An added token: its id, the bytes of the original it stands for, and how it is written there.
    case added(Int32, Range<Int>, UnsafeBufferPointer<UInt8>)
    /// Normalized text.
    case text(PartText)
  }

  /// Normalized text between added tokens, and where it came from.
  struct PartText {
    var text: AlignedText
    /// The normalized text that it was cut out of at `start`, where it was.
    var whole: AlignedText?
    var start = 0
    /// Where that begins in the original.
    var base: Int
    /// Whether it begins at the beginning of the original.
    var isFirst: Bool
  }

  /// Cuts a text at its added tokens and normalizes what lies between.
  func forEachPart(
    of bytes: UnsafeBufferPointer<UInt8>, isFirst: Bool, _ body: (Part) -> Void
  ) {
    guard !originalMatcher.isEmpty else {
      normalize(bytes, base: 0, isFirst: isFirst, body)
      return
    }
    for segment in originalMatcher.segments(of: bytes) {
      let content = UnsafeBufferPointer(rebasing: bytes[segment.range])
      if let id = segment.id {
        body(.added(id, segment.range, content))
      } else {
        let base = segment.range.lowerBound
        normalize(content, base: base, isFirst: isFirst && base == 0, body)
      }
    }
  }

  private func normalize(
    _ bytes: UnsafeBufferPointer<UInt8>, base: Int, isFirst: Bool, _ body: (Part) -> Void
  ) {
    var text = AlignedText(Array(bytes))
    normalizer?.apply(to: &text)
    guard !text.bytes.isEmpty else { return }
    // Text whose beginning the normalizer removed does not begin at the beginning any more.
    func isFirstText(from start: Int) -> Bool {
      isFirst && text.originalRange(of: start..<start + 1).lowerBound == 0
    }
    guard !normalizedMatcher.isEmpty else {
      body(.text(PartText(text: text, base: base, isFirst: isFirstText(from: 0))))
      return
    }
    let segments = text.bytes.withUnsafeBufferPointer { normalizedMatcher.segments(of: $0) }
    if segments.count == 1, segments[0].id == nil {
      body(.text(PartText(text: text, base: base, isFirst: isFirstText(from: 0))))
      return
    }
    for segment in segments where !segment.range.isEmpty {
      let content = Array(text.bytes[segment.range])
      if let id = segment.id {
        let range = text.originalRange(of: segment.range)
        content.withUnsafeBufferPointer {
          body(.added(id, base + range.lowerBound..<base + range.upperBound, $0))
        }
      } else {
        let start = segment.range.lowerBound
        body(
          .text(
            PartText(
              text: AlignedText(content), whole: text, start: start, base: base,
              isFirst: isFirstText(from: start))))
      }
    }
  }

  /// Reads ranges of a part back to the original text.
  struct OriginalPlaces {
    private var inner: AlignedText.OriginalRanges
    private let part: PartText

    init(_ part: PartText) {
      inner = AlignedText.OriginalRanges(part.text)
      self.part = part
    }

    mutating func callAsFunction(_ range: Range<Int>) -> Range<Int> {
      var range = inner(range)
      if let whole = part.whole {
        range = whole.originalRange(
          of: part.start + range.lowerBound..<part.start + range.upperBound)
      }
      return part.base + range.lowerBound..<part.base + range.upperBound
    }
  }
}
