/// Precision, recall and F1 of spans, counted exactly as the CoNLL scorer does (conlleval.pl, version
/// of 2004-01-26, Tjong Kim Sang): on every sequence of tags, broken ones and mixtures of schemes
/// included.
///
/// A tag is a letter (all before the first "-") and a type (all after it). What begins and ends a
/// span is the scorer's own rule, which was made for IOB1, IOB2 and an E for the last token; S, L and
/// U are letters that it does not know, so spans of one type that follow each other run together.
/// For tags in IOBES or BILOU, convert them first (``TagScheme/convert(_:to:)``), or count with
/// ``add(gold:predicted:scheme:)``.
public struct SpanScores: Sendable, Equatable {
  /// Of all types together.
  public private(set) var total = SpanCounts()
  /// Tokens that were compared.
  public private(set) var tokens = 0
  /// Tokens whose tags are the same.
  public private(set) var correctTokens = 0
  /// Types by their bytes: types that differ only in how a character is written are two.
  private var byType: [[UInt8]: SpanCounts] = [:]
  /// Whether a right span without a type, before a ".", is still open for the scorer although its
  /// sentence has ended; it counts as right if nothing follows. (No scheme has such tags.)
  private var isOpen = false

  public init() {}

  /// Counts one more sentence.
  public mutating func add(gold: [String], predicted: [String]) {
    checkCounts(gold, predicted)
    guard !gold.isEmpty else { return }
    if isOpen { add(SpanCounts(correct: -1), type: []) }
    var scorer = SpanScorer(isCorrect: isOpen)
    for (gold, predicted) in zip(gold, predicted) {
      tokens += 1
      if scorer.step(ScoredTag(gold), ScoredTag(predicted)) { correctTokens += 1 }
    }
    scorer.finish()
    // In any order: these are sums of whole numbers.
    for (type, counts) in scorer.counts { add(counts, type: type) }
    isOpen = scorer.isCorrect
    if isOpen { add(SpanCounts(correct: 1), type: []) }
  }

  /// Counts one more sentence whose tags follow a scheme, if need be with damage: its spans are those
  /// of ``TagScheme/scoredSpans(of:)``, where E and L end a span and S and U are a whole one. For IOB1
  /// and IOB2 the counts are those of `add(gold:predicted:)`.
  public mutating func add(gold: [String], predicted: [String], scheme: TagScheme) {
    guard scheme == .iobes || scheme == .bilou else {
      add(gold: gold, predicted: predicted)
      return
    }
    checkCounts(gold, predicted)
    tokens += gold.count
    correctTokens += zip(gold, predicted).count { $0.utf8.elementsEqual($1.utf8) }
    let predictedSpans = TagScheme.scoredSpans(of: predicted)
    // Both lists are in order and without overlaps.
    var next = predictedSpans[...]
    for span in TagScheme.scoredSpans(of: gold) {
      let type = Array(span.label.utf8)
      add(SpanCounts(gold: 1), type: type)
      while let first = next.first, first.range.lowerBound < span.range.lowerBound {
        next.removeFirst()
      }
      if let first = next.first, first.range == span.range,
        first.label.utf8.elementsEqual(span.label.utf8)
      {
        add(SpanCounts(correct: 1), type: type)
      }
    }
    for span in predictedSpans { add(SpanCounts(predicted: 1), type: Array(span.label.utf8)) }
  }

  /// Adds what was counted elsewhere.
  public mutating func add(_ other: SpanScores) {
    tokens += other.tokens
    correctTokens += other.correctTokens
    for (type, counts) in other.byType { add(counts, type: type) }
  }

  /// correctTokens / tokens, 0…1; 0 where there are none.
  public var accuracy: Double { tokens == 0 ? 0 : Double(correctTokens) / Double(tokens) }

  /// Of all types together, 0…1.
  public var precision: Double { total.precision }
  /// Of all types together, 0…1.
  public var recall: Double { total.recall }
  /// Of all types together, 0…1.
  public var f1: Double { total.f1 }

  /// Every type that was seen, in the order of their bytes, with its counts.
  public var types: [(type: String, counts: SpanCounts)] {
    sortedTypes.map { (String(decoding: $0, as: UTF8.self), byType[$0] ?? SpanCounts()) }
  }

  /// The counts of one type; zeros where it was not seen.
  public subscript(type: String) -> SpanCounts { byType[Array(type.utf8)] ?? SpanCounts() }

  private var sortedTypes: [[UInt8]] {
    byType.filter { $0.value.gold + $0.value.predicted > 0 }.map(\.key)
      .sorted { $0.lexicographicallyPrecedes($1) }
  }

  private mutating func add(_ counts: SpanCounts, type: [UInt8]) {
    total += counts
    byType[type, default: SpanCounts()] += counts
  }

  private func checkCounts(_ gold: [String], _ predicted: [String]) {
    precondition(
      gold.count == predicted.count,
      "SpanScores: \(predicted.count) predicted tags came, \(gold.count) are expected")
  }
}
