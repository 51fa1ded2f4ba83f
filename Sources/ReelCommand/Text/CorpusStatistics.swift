import Reel

/// What is counted in a corpus, item by item.
struct CorpusStatistics {
  /// Sentences, lines or rows.
  private(set) var items = 0
  private(set) var lengths = LengthHistogram()
  private(set) var labels = PieceCounts()
  /// Labelled spans of tagged sentences.
  private(set) var spans = PieceCounts()
  /// Tokens of nine items of ten, and of each tenth one.
  private var tokens = PieceCounts()
  private var heldOut = PieceCounts()

  mutating func add(_ item: CorpusItem) {
    items += 1
    lengths.add(item.tokens.count)
    for label in item.labels { labels.add(label) }
    for label in item.spans { spans.add(label) }
    if items.isMultiple(of: 10) {
      for token in item.tokens { heldOut.add(token) }
    } else {
      for token in item.tokens { tokens.add(token) }
    }
  }

  var tokenCount: Int { lengths.sum }

  /// All tokens with their counts.
  var allTokens: PieceCounts {
    var all = tokens
    all.add(heldOut)
    return all
  }

  /// How many tokens of each tenth item come in no other item, and how many those items have.
  var unseenInHeldOut: (unseen: Int, of: Int) {
    (heldOut.occurrences(outside: tokens), heldOut.total)
  }
}

/// One sentence, line or row of a corpus.
struct CorpusItem {
  /// The line in which it begins, from 1.
  var line: Int
  var tokens: [String]
  /// The label of a labelled text.
  var labels: [String] = []
  /// The labels of the spans of a tagged sentence.
  var spans: [String] = []
}
