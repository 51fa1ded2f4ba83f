import ReelText

/// Plain text with its tags.
public struct TaggedText: Sendable, Equatable {
  /// A word and where it stands.
  public struct Token: Sendable, Equatable {
    public var text: String
    /// Its bytes in the text.
    public var bytes: Range<Int>
    public var tag: String
  }

  /// A span and where it stands.
  public struct Span: Sendable, Equatable {
    public var label: String
    /// As it stands in the text, with what lies between its words.
    public var text: String
    /// Its bytes in the text.
    public var bytes: Range<Int>
    /// The sentence, and its tokens in it.
    public var sentence: Int
    public var range: Range<Int>
    /// How probable the span is; nil where nobody asked.
    public var probability: Double?
  }

  /// The tokens of each line that has any.
  public var sentences: [[Token]]
  /// All spans in order.
  public var spans: [Span]
}

extension SequenceTagger {
  /// Tags plain text: each line is a sentence, cut into words by Reel's rules
  /// (`PreTokenizer.words`).
  public func tag(text: String, confidence: Bool = false) -> TaggedText {
    let bytes = Array(text.utf8)
    var sentences: [[PreTokenizer.Piece]] = []
    var starts: [Int] = []
    var start = 0
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      let pieces = PreTokenizer.words.pieces(of: String(decoding: line, as: UTF8.self))
      if !pieces.isEmpty {
        sentences.append(pieces)
        starts.append(start)
      }
      start += line.count + 1
    }
    let found = analyze(sentences.map { $0.map(\.text) }, confidence: confidence)
    var result = TaggedText(sentences: [], spans: [])
    for (index, pieces) in sentences.enumerated() {
      let ranges = pieces.map {
        $0.range.lowerBound + starts[index]..<$0.range.upperBound + starts[index]
      }
      result.sentences.append(
        pieces.indices.map {
          TaggedText.Token(text: pieces[$0].text, bytes: ranges[$0], tag: found[index].tags[$0])
        })
      for span in found[index].spans {
        let range =
          ranges[span.range.lowerBound].lowerBound..<ranges[span.range.upperBound - 1].upperBound
        result.spans.append(
          TaggedText.Span(
            label: span.label, text: String(decoding: bytes[range], as: UTF8.self), bytes: range,
            sentence: index, range: span.range, probability: span.probability))
      }
    }
    return result
  }
}
