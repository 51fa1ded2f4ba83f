import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelText

/// A span that a tagger found.
public struct TaggedSpan: Sendable, Equatable {
  public var label: String
  /// The tokens, by their places in the sentence.
  public var range: Range<Int>
  /// How probable it is that exactly this span stands here, 0 to 1; nil where nobody asked.
  public var probability: Double?

  public init(label: String, range: Range<Int>, probability: Double? = nil) {
    self.label = label
    self.range = range
    self.probability = probability
  }
}

extension SequenceTagger {
  /// Tokens of a batch, and of a group of batches whose forms are computed together: what bounds
  /// the memory of a long text.
  private static let (batchTokens, groupTokens) = (4096, 1 << 16)

  /// Sentences of a batch come in such numbers where there are enough: the largest pieces in which the
  /// recurrent layer takes them.
  private static let rows = 96

  /// Sentences by falling length, in batches of about so many tokens. A longer sentence is a batch
  /// of its own.
  static func batches(lengths: [Int], tokens: Int = batchTokens) -> [[Int]] {
    let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var batches: [[Int]] = []
    var (count, size) = (0, 0)
    for index in order {
      let isFull = count + lengths[index] > tokens && (size < rows || size % rows == 0)
      if isFull || batches.isEmpty {
        batches.append([])
        (count, size) = (0, 0)
      }
      batches[batches.count - 1].append(index)
      // Empty sentences cost something, too.
      count += max(lengths[index], 1)
      size += 1
    }
    return batches
  }

  /// The tags of sentences, in the scheme of the training data. A sentence without tokens has none.
  ///
  /// Sentences are read in batches of like length; which others are asked for at the same time
  /// changes nothing about a sentence's tags.
  public func tag(_ sentences: [[String]]) -> [[String]] {
    map(sentences, empty: []) { emissions in
      network.decode(emissions).map { codec.tags(of: $0) }
    }
  }

  /// The tags of a sentence.
  public func tag(_ tokens: [String]) -> [String] { tag([tokens])[0] }

  /// The spans of sentences, in order; none for tags that mark no spans.
  ///
  /// - Parameter confidence: whether each span gets its probability: of all taggings of the
  ///   sentence, the share of those that have exactly this span (forward–backward).
  public func spans(_ sentences: [[String]], confidence: Bool = false) -> [[TaggedSpan]] {
    analyze(sentences, confidence: confidence).map(\.spans)
  }

  /// The tags of sentences and their spans.
  func analyze(
    _ sentences: [[String]], confidence: Bool
  ) -> [(tags: [String], spans: [TaggedSpan])] {
    map(sentences, empty: ([], [])) { emissions in
      let decoded = network.decode(emissions)
      let found = decoded.map { codec.spans(of: $0) }
      var probabilities: [[Double]]?
      if confidence {
        let runs = zip(decoded, found).map { ids, spans in
          spans.map { codec.run(of: $0, in: ids) }
        }
        probabilities = network.probabilities(of: runs, emissions)
      }
      return decoded.indices.map { place in
        let spans = found[place].enumerated().map { number, span in
          TaggedSpan(
            label: codec.labels[span.label], range: span.range,
            probability: probabilities?[place][number])
        }
        return (codec.tags(of: decoded[place]), spans)
      }
    }
  }

  /// The spans of a sentence, in order.
  public func spans(_ tokens: [String], confidence: Bool = false) -> [TaggedSpan] {
    spans([tokens], confidence: confidence)[0]
  }

  /// The `n` most probable taggings of a sentence, the best first, each with its probability. Fewer
  /// where there are not so many.
  public func tagBest(_ n: Int, _ tokens: [String]) -> [(tags: [String], probability: Double)] {
    guard n > 0 else { return [] }
    return map([tokens], empty: []) { emissions in
      network.decodeBest(n, emissions).map { best in
        best.map { (codec.tags(of: $0.tags), exp($0.score)) }
      }
    }[0]
  }

  /// One result for each sentence, in order: `body` gets the scores of the tags of a batch.
  ///
  /// Whole batches are divided among the threads, for much of their work is done on one thread;
  /// a few batches one after the other, each by all threads.
  private func map<Result: Sendable>(
    _ sentences: [[String]], empty: Result, _ body: @Sendable (Sequences) -> [Result]
  ) -> [Result] {
    var results = [Result](repeating: empty, count: sentences.count)
    let batches = Self.batches(lengths: sentences.map(\.count))
    var next = 0
    while next < batches.count {
      // Forms of several batches are computed together: words come again and again.
      var group: [[Int]] = []
      var count = 0
      while next < batches.count, group.isEmpty || count < Self.groupTokens {
        group.append(batches[next])
        count += batches[next].reduce(0) { $0 + sentences[$1].count }
        next += 1
      }
      var table = FormTable(forms)
      let tokens = group.map { batch in
        TokenSequences(batch.map { index in sentences[index].map { table.number(of: $0) } })
      }
      let tables = network.encoder.tables(of: network.features(of: table.forms))
      @Sendable func run(_ index: Int) -> [Result] {
        body(network.emissions(tokens[index], tables: tables))
      }
      var answers = [[Result]](repeating: [], count: group.count)
      if group.count < 2 * Threads.count {
        for index in group.indices { answers[index] = run(index) }
      } else {
        answers.withUnsafeMutableBufferPointer { answers in
          let shared = Shared(answers)
          Threads.forEach(group.count) { index in
            Threads.with(1) { shared.pointer[index] = run(index) }
          }
        }
      }
      for (batch, answers) in zip(group, answers) {
        for (index, answer) in zip(batch, answers) { results[index] = answer }
      }
    }
    return results
  }
}

/// Numbers tokens by how they are written, byte for byte, and reads the form of each once.
private struct FormTable {
  private let reader: TokenFormReader
  private var table = TokenTable()
  private(set) var forms: [TokenForm] = []

  init(_ reader: TokenFormReader) { self.reader = reader }

  mutating func number(of token: String) -> Int32 {
    var token = token
    return token.withUTF8 { bytes in
      if let number = table.id(of: bytes) { return number }
      forms.append(reader(bytes))
      return table.insert(Array(bytes))
    }
  }
}
