import Foundation
import Reel

/// What `reel corpus` prints.
struct CorpusReport: Encodable {
  struct Lengths: Encodable {
    struct Bin: Encodable {
      let from: Int
      let to: Int
      let count: Int
    }
    let mean: Double
    let median: Int
    let percentile95: Int
    let least: Int
    let most: Int
    let bins: [Bin]
  }

  struct Count: Encodable {
    let name: String
    let count: Int
  }

  struct Unseen: Encodable {
    /// The corpus whose tokens are the vocabulary; null: nine of ten items of this one.
    let vocabularyOf: String?
    /// Tokens that were looked up, and those of them that the vocabulary lacks.
    let tokens: Int
    let unknown: Int
    let rate: JSONNumber

    private enum CodingKeys: CodingKey { case vocabularyOf, tokens, unknown, rate }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(vocabularyOf, forKey: .vocabularyOf)
      try container.encode(tokens, forKey: .tokens)
      try container.encode(unknown, forKey: .unknown)
      try container.encode(rate, forKey: .rate)
    }
  }

  let file: String
  let format: String
  let tokenizer: String
  /// The scheme of the tags of a CoNLL file.
  let tagScheme: String?
  let lines: Int
  let items: Int
  let bytes: Int
  let characters: Int
  let tokens: Int
  let distinctTokens: Int
  let lengths: Lengths
  let labels: [Count]
  let spans: [Count]
  let outOfVocabulary: Unseen
  let mostFrequent: [Count]

  private let histogram: LengthHistogram
  private let noun: String
  private let columns: String?

  private enum CodingKeys: CodingKey {
    case file, format, tokenizer, tagScheme, lines, items, bytes, characters, tokens
    case distinctTokens, lengths, labels, spans, outOfVocabulary, mostFrequent
  }

  init(
    _ statistics: CorpusStatistics, of source: CorpusSource, tagScheme: String?,
    tokenizer: String,
    known: (tokens: PieceCounts, file: String)?, top: Int
  ) {
    let all = statistics.allTokens
    file = source.file.path
    format = source.format.rawValue
    noun = source.itemName
    columns = source.columns?.description
    self.tokenizer = source.format == .conll ? "columns" : tokenizer
    self.tagScheme = tagScheme
    lines = source.lineCount
    items = statistics.items
    bytes = source.file.count
    characters = source.scalarCount
    tokens = statistics.tokenCount
    distinctTokens = all.count
    histogram = statistics.lengths
    lengths = Lengths(
      mean: histogram.mean, median: histogram.quantile(0.5),
      percentile95: histogram.quantile(0.95), least: histogram.quantile(0),
      most: histogram.quantile(1),
      bins: histogram.bins().map {
        Lengths.Bin(from: $0.lengths.lowerBound, to: $0.lengths.upperBound, count: $0.count)
      })
    labels = statistics.labels.names.map { Count(name: $0.name, count: $0.count) }
    spans = statistics.spans.names.map { Count(name: $0.name, count: $0.count) }
    let unseen: (unseen: Int, of: Int) =
      if let known {
        (all.occurrences(outside: known.tokens), all.total)
      } else {
        statistics.unseenInHeldOut
      }
    outOfVocabulary = Unseen(
      vocabularyOf: known?.file, tokens: unseen.of, unknown: unseen.unseen,
      rate: JSONNumber(unseen.of == 0 ? nil : Double(unseen.unseen) / Double(unseen.of)))
    mostFrequent = all.names.prefix(top).map { Count(name: $0.name, count: $0.count) }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(file, forKey: .file)
    try container.encode(format, forKey: .format)
    try container.encode(tokenizer, forKey: .tokenizer)
    // Null, not missing, where there is none.
    try container.encode(tagScheme, forKey: .tagScheme)
    try container.encode(lines, forKey: .lines)
    try container.encode(items, forKey: .items)
    try container.encode(bytes, forKey: .bytes)
    try container.encode(characters, forKey: .characters)
    try container.encode(tokens, forKey: .tokens)
    try container.encode(distinctTokens, forKey: .distinctTokens)
    try container.encode(lengths, forKey: .lengths)
    try container.encode(labels, forKey: .labels)
    try container.encode(spans, forKey: .spans)
    try container.encode(outOfVocabulary, forKey: .outOfVocabulary)
    try container.encode(mostFrequent, forKey: .mostFrequent)
  }

  /// What the lengths count.
  var lengthUnit: String { "tokens in a \(noun)" }

  /// The same for a person.
  var text: String {
    var parts = [summary]
    if lengths.most > 0 {
      let title =
        "\(lengthUnit): mean \(TextFormat.fixed(lengths.mean, 1)), median "
        + "\(TextFormat.grouped(lengths.median)), 95 % at most "
        + "\(TextFormat.grouped(lengths.percentile95)), longest \(TextFormat.grouped(lengths.most))"
      let rows = histogram.lines(
        width: StandardStreams.outputWidth, usesUnicode: StandardStreams.usesUnicode)
      parts.append(([title] + rows).joined(separator: "\n") + "\n")
    }
    if !labels.isEmpty { parts.append(Self.table("label", labels, most: 50)) }
    if !spans.isEmpty {
      let title = tagScheme.map { "span (\($0))" } ?? "span"
      parts.append(Self.table(title, spans, most: 50))
    }
    parts.append(unseenText)
    if !mostFrequent.isEmpty {
      parts.append(Self.table("most frequent", mostFrequent, most: .max, of: tokens))
    }
    return parts.joined(separator: "\n")
  }

  private var summary: String {
    var table = TextTable([("", .left), (format, .right)])
    table.add(["lines", TextFormat.grouped(lines)])
    table.add([
      format == CorpusFormat.text.rawValue ? "lines with text" : "\(noun)s",
      TextFormat.grouped(items),
    ])
    table.add(["bytes", TextFormat.grouped(bytes)])
    table.add(["characters", TextFormat.grouped(characters)])
    table.add(["tokens (\(tokenizer))", TextFormat.grouped(tokens)])
    table.add(["different tokens", TextFormat.grouped(distinctTokens)])
    return table.text + (columns.map { $0 + "\n" } ?? "")
  }

  private var unseenText: String {
    guard let rate = outOfVocabulary.rate.value else {
      return "out of vocabulary: nothing to compare\n"
    }
    let against =
      outOfVocabulary.vocabularyOf.map { "the vocabulary is that of \($0)" }
      ?? "each tenth \(noun), the vocabulary is that of the others"
    return "out of vocabulary: \(TextFormat.fixed(100 * rate, 2)) % of "
      + "\(TextFormat.grouped(outOfVocabulary.tokens)) tokens (\(against))\n"
  }

  private static func table(
    _ title: String, _ counts: [Count], most: Int, of total: Int? = nil
  ) -> String {
    let total = total ?? counts.reduce(0) { $0 + $1.count }
    var table = TextTable([(title, .left), ("count", .right), ("%", .right)])
    for entry in counts.prefix(most) {
      let share = 100 * Double(entry.count) / Double(max(total, 1))
      table.add([
        PieceWriter.escaped(entry.name), TextFormat.grouped(entry.count),
        TextFormat.fixed(share, 1),
      ])
    }
    if counts.count > most { table.add(["and \(counts.count - most) more", "", ""]) }
    return table.text
  }
}
