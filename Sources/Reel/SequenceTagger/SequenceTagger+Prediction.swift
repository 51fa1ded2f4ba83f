import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelText
import Synchronization

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
  /// Sentences of a batch come in such numbers: the largest pieces in which the recurrent layer takes
  /// them, and small enough for threads to finish together.
  private static let rows = 96

  /// A batch has at least about so many tokens, and at most. What bounds the memory of a long text is the most, and the
  /// tokens of two groups of sentences whose forms are computed together: of the one that is read, and the next one's. The
  /// last group may be a quarter larger.
  private static let (fewestTokens, mostTokens, groupTokens) = (2048, 8192, 1 << 17)

  /// Whether sentences of these lengths, which are left behind a group, are so few tokens that they join it: at most a
  /// quarter of one. A group of their own would compute its own forms.
  package static func joinGroup(_ lengths: some Sequence<Int>, of groupTokens: Int) -> Bool {
    var room = groupTokens / 4
    return lengths.allSatisfy { length in
      room -= length
      return room >= 0
    }
  }

  /// Where many tokens come together the last batches are smaller, with such a part of what is left or so many tokens:
  /// no thread has long to wait for the one that takes the last.
  private static let (partsOfRest, fewestAtTheEnd) = (8, 256)

  /// Sentences by falling length, in batches. A sentence longer than a batch is one of its own; the others end at a
  /// multiple of `rows` sentences, when that has tokens enough.
  package static func batches(lengths: [Int], tokens: Int = mostTokens) -> [[Int]] {
    let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
    var batches: [[Int]] = []
    // Empty sentences cost something, too.
    var left = lengths.reduce(0) { $0 + max($1, 1) }
    let endsSmall = left >= 4 * fewestTokens
    var (count, size, fewest) = (0, 0, 0)
    for index in order {
      let length = max(lengths[index], 1)
      let isFull = count + length > tokens || (size % rows == 0 && count >= fewest)
      if isFull || batches.isEmpty {
        batches.append([])
        left -= count
        fewest = endsSmall ? max(left / partsOfRest, fewestAtTheEnd) : fewestTokens
        fewest = min(tokens, fewestTokens, fewest)
        (count, size) = (0, 0)
      }
      batches[batches.count - 1].append(index)
      count += length
      size += 1
    }
    return batches
  }

  /// The tags of sentences, in the scheme of the training data. A sentence without tokens has none.
  ///
  /// Sentences are read in batches of like length; which others are asked for at the same time
  /// changes nothing about a sentence's tags.
  public func tag(_ sentences: [[String]]) -> [[String]] {
    tag(sentences, groupTokens: Self.groupTokens)
  }

  /// The same in groups of sentences of so many tokens.
  package func tag(_ sentences: [[String]], groupTokens: Int) -> [[String]] {
    map(sentences, groupTokens: groupTokens, empty: []) { emissions in
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

  /// One result for each sentence, in order: `body` gets the scores of the tags of a batch. Forms of
  /// several batches are computed together, for words come again and again; so do whole sentences,
  /// which are read once in a group.
  ///
  /// Whole batches are divided among the threads, for much of their work is done on one thread;
  /// a few batches one after the other, each by all threads. While a group is read, one thread numbers the
  /// tokens of the next one.
  private func map<Result: Sendable>(
    _ sentences: [[String]], groupTokens: Int = groupTokens, empty: Result,
    _ body: @Sendable (Sequences) -> [Result]
  ) -> [Result] {
    var results = [Result](repeating: empty, count: sentences.count)
    // By length: the same sentence seldom comes in two groups.
    let order = sentences.indices.sorted {
      (sentences[$1].count, $0) < (sentences[$0].count, $1)
    }
    let forms = forms
    // The sentences from this place of the order on.
    @Sendable func makeGroup(from start: Int) -> (group: SentenceGroup, end: Int)? {
      guard start < order.count else { return nil }
      var (group, end, takesAll) = (SentenceGroup(most: order.count - start), start, false)
      while end < order.count {
        if group.tokenCount >= groupTokens, !takesAll {
          let left = order[end...].lazy.map { sentences[$0].count }
          takesAll = Self.joinGroup(left, of: groupTokens)
          guard takesAll else { break }
        }
        group.append(sentences[order[end]], at: order[end])
        end += 1
      }
      return (group, end)
    }
    var next = makeGroup(from: 0)
    while let (group, end) = next {
      let batches = Self.batches(lengths: group.distinct.map(\.count))
      let tables = network.encoder.tables(of: network.features(of: group.forms(forms)))
      @Sendable func run(_ index: Int) -> [Result] {
        let tokens = TokenSequences(batches[index].map { group.distinct[$0] })
        return body(network.emissions(tokens, tables: tables))
      }
      var answers = [[Result]](repeating: [], count: batches.count)
      if batches.count < 2 * Threads.count {
        for index in batches.indices { answers[index] = run(index) }
        next = makeGroup(from: end)
      } else {
        // One thread begins with what comes next.
        let following = Mutex<(group: SentenceGroup, end: Int)?>(nil)
        answers.withUnsafeMutableBufferPointer { answers in
          let shared = Shared(answers)
          Threads.forEach(batches.count + 1) { turn in
            if turn == 0 {
              let made = makeGroup(from: end)
              following.withLock { $0 = made }
            } else {
              Threads.with(1) { shared.pointer[turn - 1] = run(turn - 1) }
            }
          }
        }
        next = following.withLock { $0 }
      }
      for (batch, answers) in zip(batches, answers) {
        for (place, answer) in zip(batch, answers) {
          for index in group.askers[place] { results[index] = answer }
        }
      }
    }
    return results
  }
}
