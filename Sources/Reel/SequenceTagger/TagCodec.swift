import ReelSequence
import ReelText

/// Between the tags of the data and the tag ids inside the model.
///
/// Tags that mark spans change their scheme on the way; the others are only numbered. Every label of
/// the training data has all positions of the inner scheme, whether they came or not: a label seen
/// on single tokens alone is still a known one.
struct TagCodec: Sendable {
  /// The inner tags by id.
  let tags: [String]
  /// The scheme inside, and that of the data; nil where tags mark no spans.
  let schemes: (inner: TagScheme, data: TagScheme)?

  private let table: TokenTable
  private let kinds: [Kind]
  private let names: [Names]

  private enum Position { case outside, begin, inside, end, single }

  /// What an inner tag says: its position in a span, and the place of its label among `names`.
  private struct Kind {
    var position: Position
    var label: Int
  }

  /// A label's tags in the data's scheme. IOB1 writes a span right behind another one of its label
  /// in its own way.
  private struct Names {
    var label: String
    var single: String
    var several: [String]
    var singleBehind: String
    var severalBehind: [String]
  }

  /// The codec of a configuration whose tags are known.
  init(_ configuration: SequenceTaggerConfiguration) throws {
    tags = configuration.tags
    table = try TokenTable(tags.map { Array($0.utf8) })
    guard let data = configuration.dataScheme else {
      (schemes, kinds, names, labels) = (nil, [], [], tags)
      return
    }
    schemes = (configuration.scheme, data)
    var kinds: [Kind] = []
    var names: [Names] = []
    for tag in tags {
      let (position, label) = Self.parse(tag)
      guard position != .outside else {
        kinds.append(Kind(position: .outside, label: 0))
        continue
      }
      var place = names.firstIndex { $0.label.utf8.elementsEqual(label.utf8) }
      if place == nil {
        place = names.count
        names.append(try Self.names(of: label, in: data))
      }
      kinds.append(Kind(position: position, label: place ?? 0))
    }
    (self.kinds, self.names, labels) = (kinds, names, names.map(\.label))
  }

  private static func parse(_ tag: String) -> (Position, String) {
    let label = tag.utf8.count > 2 ? String(decoding: tag.utf8.dropFirst(2), as: UTF8.self) : ""
    let position: Position =
      switch tag.utf8.first {
      case UInt8(ascii: "B"): .begin
      case UInt8(ascii: "I"): .inside
      case UInt8(ascii: "E"), UInt8(ascii: "L"): .end
      case UInt8(ascii: "S"), UInt8(ascii: "U"): .single
      default: .outside
      }
    return (position, label)
  }

  private static func names(of label: String, in scheme: TagScheme) throws -> Names {
    func tags(_ ranges: [Range<Int>]) throws -> [String] {
      let spans = ranges.map { Span(label: label, range: $0) }
      return try scheme.tags(for: spans, count: ranges[ranges.count - 1].upperBound)
    }
    return Names(
      label: label, single: try tags([0..<1])[0], several: try tags([0..<3]),
      singleBehind: try tags([0..<1, 1..<2])[1],
      severalBehind: Array(try tags([0..<1, 1..<4]).dropFirst()))
  }

  /// All inner tags for some labels: "O", then for each label in the order of its bytes the
  /// positions of the scheme.
  static func innerTags(labels: [String], scheme: TagScheme) throws -> [String] {
    var tags = ["O"]
    for label in labels.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      // Two spans side by side, of three tokens and of one each, show every position.
      let spans = [0..<1, 1..<2, 2..<5].map { Span(label: label, range: $0) }
      for tag in try scheme.tags(for: spans, count: 5)
      where !tags.contains(where: { $0.utf8.elementsEqual(tag.utf8) }) {
        tags.append(tag)
      }
    }
    return tags
  }

  /// The labels of spans, or with plain tags the tags.
  let labels: [String]

  // MARK: Data to model

  /// The ids of a sentence's tags.
  ///
  /// - Throws: where a tag never came in training, or the tags break every scheme; names the line.
  func ids(of sentence: TaggedSentence) throws(TextError) -> [Int32] {
    guard sentence.tags.count == sentence.tokens.count else {
      throw TextError(
        "\(Self.place(of: sentence, 0))a sentence of \(sentence.tokens.count) tokens has no tags")
    }
    var inner = sentence.tags
    if let schemes {
      let spans = try spans(of: sentence, data: schemes.data)
      inner = try schemes.inner.tags(for: spans, count: sentence.tokens.count)
    }
    var ids: [Int32] = []
    ids.reserveCapacity(inner.count)
    for (index, tag) in inner.enumerated() {
      guard let id = table.id(of: Array(tag.utf8)) else {
        let known = labels.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
        let kind = schemes == nil ? "tags" : "labels"
        throw TextError(
          "\(Self.place(of: sentence, index))the tag \"\(sentence.tags[index])\" never came in "
            + "training, expected one of the \(kind) \(known)\(labels.count > 20 ? ", …" : "")")
      }
      ids.append(id)
    }
    return ids
  }

  /// By the scheme of the training data; a sentence that breaks it may follow another one.
  private func spans(
    of sentence: TaggedSentence, data: TagScheme
  ) throws(TextError) -> [Span] {
    do {
      return try data.spans(of: sentence.tags)
    } catch {
      for other in [TagScheme.iob2, .iobes, .bilou, .iob1] {
        if let spans = try? other.spans(of: sentence.tags) { return spans }
      }
      throw TextError("\(Self.place(of: sentence, error.index))\(error)")
    }
  }

  static func place(of sentence: TaggedSentence, _ index: Int) -> String {
    sentence.line > 0 ? "line \(sentence.line + index): " : ""
  }

  // MARK: Model to data

  /// The spans of a sentence's tags, with the places of their labels, counted as the CoNLL scorer
  /// does where the tags break the scheme. None for plain tags.
  func spans(of ids: [Int32]) -> [(label: Int, range: Range<Int>)] {
    var spans: [(label: Int, range: Range<Int>)] = []
    if schemes != nil { forEachSpan(of: ids) { spans.append((label: $0, range: $1)) } }
    return spans
  }

  /// Calls `body` for each span, in order, where tags mark spans.
  private func forEachSpan(of ids: [Int32], _ body: (_ label: Int, _ range: Range<Int>) -> Void) {
    var open: (label: Int, start: Int)?
    func close(_ end: Int) {
      if let (label, start) = open { body(label, start..<end) }
      open = nil
    }
    for (index, id) in ids.enumerated() {
      let kind = kinds[Int(id)]
      if kind.position == .outside {
        close(index)
        continue
      }
      let startsAnew = kind.position == .begin || kind.position == .single
      if let label = open?.label, startsAnew || label != kind.label { close(index) }
      if open == nil { open = (kind.label, index) }
      if kind.position == .end || kind.position == .single { close(index + 1) }
    }
    close(ids.count)
  }

  /// The run of tags that is a span, with the tags beside it that would make it a longer one.
  func run(
    of span: (label: Int, range: Range<Int>), in ids: [Int32]
  ) -> LinearChainCRF.TagRun {
    let tags = Array(ids[span.range])
    func same(_ positions: [Position]) -> [Int32] {
      kinds.indices.filter {
        kinds[$0].label == span.label && positions.contains(kinds[$0].position)
      }.map { Int32($0) }
    }
    let first = kinds[Int(tags[0])].position
    let last = kinds[Int(tags[tags.count - 1])].position
    return LinearChainCRF.TagRun(
      start: span.range.lowerBound, tags: tags,
      excludedBefore: first == .inside || first == .end ? same([.begin, .inside]) : [],
      excludedAfter: last == .begin || last == .inside ? same([.inside, .end]) : [])
  }

  /// The tags of the data's scheme for the ids of a sentence.
  func tags(of ids: [Int32]) -> [String] {
    guard schemes != nil else { return ids.map { tags[Int($0)] } }
    var result = [String](repeating: "O", count: ids.count)
    var last: (label: Int, end: Int)?
    forEachSpan(of: ids) { label, range in
      let name = names[label]
      let isBehind = last.map { $0.label == label && $0.end == range.lowerBound } ?? false
      last = (label, range.upperBound)
      guard range.count > 1 else {
        result[range.lowerBound] = isBehind ? name.singleBehind : name.single
        return
      }
      let several = isBehind ? name.severalBehind : name.several
      for index in range { result[index] = several[1] }
      result[range.lowerBound] = several[0]
      result[range.upperBound - 1] = several[2]
    }
    return result
  }
}
