/// A tag as the CoNLL scorer reads it.
struct ScoredTag {
  /// All before the first "-", or the whole tag.
  var letter: Substring.UTF8View
  /// All after the first "-".
  var type: Substring.UTF8View

  static let outside = ScoredTag("O")

  init(_ tag: String) {
    let text = Substring(tag).utf8
    guard let hyphen = text.firstIndex(of: UInt8(ascii: "-")) else {
      (letter, type) = (text, Substring().utf8)
      return
    }
    letter = Substring(text[..<hyphen]).utf8
    type = Substring(text[text.index(after: hyphen)...]).utf8
    // The scorer's language takes "0" for false, and so for no type.
    if type.elementsEqual("0".utf8) { type = Substring().utf8 }
  }

  /// The letter, if it is one byte.
  private var byte: UInt8? { letter.count == 1 ? letter.first : nil }

  private func isOne(of letters: StaticString) -> Bool {
    guard let byte else { return false }
    return letters.withUTF8Buffer { $0.contains(byte) }
  }

  func hasType(of other: ScoredTag) -> Bool { type.elementsEqual(other.type) }

  func isEqual(to other: ScoredTag) -> Bool {
    letter.elementsEqual(other.letter) && hasType(of: other)
  }

  /// Whether a span ends between this tag and the next one.
  func endsSpan(before next: ScoredTag) -> Bool {
    switch byte {
    case UInt8(ascii: "B"), UInt8(ascii: "I"): if next.isOne(of: "BO") { return true }
    case UInt8(ascii: "E"): if next.isOne(of: "EIO") { return true }
    // Brackets are spans of one token.
    case UInt8(ascii: "["), UInt8(ascii: "]"): return true
    default: break
    }
    return !isOne(of: "O.") && !hasType(of: next)
  }

  /// Whether a span begins between the tag before and this one.
  func beginsSpan(after last: ScoredTag) -> Bool {
    switch byte {
    case UInt8(ascii: "B"): if last.isOne(of: "BIO") { return true }
    case UInt8(ascii: "I"): if last.isOne(of: "OE") { return true }
    case UInt8(ascii: "E"): if last.isOne(of: "EO") { return true }
    case UInt8(ascii: "["), UInt8(ascii: "]"): return true
    default: break
    }
    return !isOne(of: "O.") && !hasType(of: last)
  }
}

/// Goes through the right and the predicted tags of a sentence side by side, as the CoNLL scorer
/// does.
struct SpanScorer {
  private(set) var counts: [[UInt8]: SpanCounts] = [:]
  private var gold = ScoredTag.outside
  private var predicted = ScoredTag.outside
  /// Whether a span has begun in both at one place, with one type, and nothing has differed since.
  private(set) var isCorrect: Bool

  init(isCorrect: Bool) { self.isCorrect = isCorrect }

  /// Takes the tags of the next token; returns whether they are the same.
  mutating func step(_ gold: ScoredTag, _ predicted: ScoredTag) -> Bool {
    let goldEnds = self.gold.endsSpan(before: gold)
    let predictedEnds = self.predicted.endsSpan(before: predicted)
    let goldBegins = gold.beginsSpan(after: self.gold)
    let predictedBegins = predicted.beginsSpan(after: self.predicted)
    if isCorrect {
      if goldEnds, predictedEnds, self.predicted.hasType(of: self.gold) {
        isCorrect = false
        counts[Array(self.gold.type), default: SpanCounts()].correct += 1
      } else if goldEnds != predictedEnds || !predicted.hasType(of: gold) {
        isCorrect = false
      }
    }
    if goldBegins, predictedBegins, predicted.hasType(of: gold) { isCorrect = true }
    if goldBegins { counts[Array(gold.type), default: SpanCounts()].gold += 1 }
    if predictedBegins { counts[Array(predicted.type), default: SpanCounts()].predicted += 1 }
    (self.gold, self.predicted) = (gold, predicted)
    return predicted.isEqual(to: gold)
  }

  /// The sentence ends: what is outside of all spans follows.
  mutating func finish() { _ = step(.outside, .outside) }
}
