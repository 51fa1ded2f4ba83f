import Foundation
import Reel
import ReelTestSupport
import Testing

@Suite struct SequenceTaggerTests {
  @Test(arguments: [true, false])
  func learnsTheNamesOfTheCommittedCorpus(usesCRF: Bool) throws {
    let training = try taggedSentences("train")
    let tagger = try trained(
      training, smallTagger(usesCRF: usesCRF), epochs: usesCRF ? 20 : 40)
    let known = tagger.evaluate(try training.map { try tagger.example($0) })
    let unseen = tagger.evaluate(try taggedSentences("test").map { try tagger.example($0) })
    #expect(known.score > 0.9, "F1 \(known.score) on the training data")
    #expect(unseen.score > 0.4, "F1 \(unseen.score) on unseen sentences")
    #expect(unseen.accuracy > 0.8)
    #expect(unseen.tokens == 515)
    #expect(unseen.spans?.gold == 69)
    #expect(unseen.perType.map(\.label) == ["LOC", "MISC", "ORG", "PER"])
    #expect(unseen.figures.map(\.name) == ["span F1", "accuracy", "loss"])
  }

  @Test func plainTagsAreLearnedAsTheyAre() throws {
    let sentences = sampleSentences(40).map { sentence in
      TaggedSentence(
        tokens: sentence.tokens,
        tags: sentence.tokens.map { $0.first?.isUppercase ?? false ? "NNP" : "VB" })
    }
    let tagger = try trained(sentences, epochs: 6)
    #expect(tagger.configuration.dataScheme == nil)
    #expect(tagger.labels == ["NNP", "VB"])
    #expect(tagger.tag(["Anna", "leaves"]) == ["NNP", "VB"])
    #expect(tagger.spans(["Anna", "leaves"]) == [])
    let evaluation = tagger.evaluate(try sentences.map { try tagger.example($0) })
    #expect(evaluation.spans == nil)
    #expect(evaluation.score == evaluation.accuracy && evaluation.score > 0.95)
  }

  @Test(arguments: TagScheme.allCases, TagScheme.allCases)
  func answersComeInTheSchemeOfTheData(data: TagScheme, inner: TagScheme) throws {
    let sentences = try sampleSentences(30).map { sentence in
      TaggedSentence(
        tokens: sentence.tokens, tags: try TagScheme.iob2.convert(sentence.tags, to: data))
    }
    let tagger = try trained(
      sentences, smallTagger(characters: 0, dropout: 0, scheme: inner), epochs: 12)
    #expect(tagger.tag(sentences.map(\.tokens)) == sentences.map(\.tags))
    #expect(tagger.configuration.scheme == inner && tagger.configuration.dataScheme != nil)
  }

  @Test(arguments: [EncoderKind.gru, .rnn])
  func everyEncoderTags(cell: EncoderKind) throws {
    let sentences = sampleSentences(40)
    let tagger = try trained(sentences, smallTagger(cell: cell), epochs: 10)
    #expect(tagger.evaluate(try sentences.map { try tagger.example($0) }).score > 0.95)
  }

  /// More forms than a thread reads at a time.
  @Test func manyFormsAreReadAsFew() throws {
    let tagger = try trained(try taggedSentences("train"), epochs: 3)
    let known = try taggedSentences("test").map(\.tokens)
    let sentences = (0..<1_500).map { number in
      known[number % known.count].map { $0 + String(number) }
    }
    #expect(Set(sentences.joined()).count > 5_000)
    let together = tagger.tag(sentences)
    #expect(together.joined().count { $0 != "O" } > 500)
    for index in stride(from: 0, to: sentences.count, by: 30) {
      #expect(together[index] == tagger.tag(sentences[index]))
    }
    for threads in 1...3 {
      #expect(Threads.with(threads) { tagger.tag(sentences) } == together, "\(threads) threads")
    }
  }

  @Test func theCompanyOfASentenceChangesNothing() throws {
    let tagger = try trained(try taggedSentences("train"), epochs: 3)
    var sentences = try taggedSentences("test").map(\.tokens)
    sentences.insert([], at: 3)
    sentences.append([""])
    sentences.append(["a\u{301}", "\u{E1}", "👩‍🚀", String(repeating: "x", count: 1000)])
    // What comes again is read once, and answered each time.
    sentences += [["a\u{301}"], ["\u{E1}"], []] + sentences.prefix(7)
    let together = tagger.tag(sentences)
    #expect(together.map(\.count) == sentences.map(\.count))
    #expect(together == sentences.map { tagger.tag($0) })
    #expect(together.reversed() == tagger.tag(sentences.reversed()))
    for tokens in [1, 20, 100] {
      #expect(together == tagger.tag(sentences, groupTokens: tokens), "groups of \(tokens)")
    }
    let spans = tagger.spans(sentences, confidence: true)
    for (sentence, together) in zip(sentences, spans) {
      let alone = tagger.spans(sentence, confidence: true)
      #expect(alone.map(\.label) == together.map(\.label))
      #expect(alone.map(\.range) == together.map(\.range))
      for (a, b) in zip(alone, together) {
        #expect(abs((a.probability ?? 0) - (b.probability ?? 1)) < 1e-4)
      }
    }
    #expect(tagger.tag([[String]]()) == [])
  }

  @Test func batchesHaveEachSentenceOnce() {
    var random = TestRandom(12)
    for most in [1, 30, 8192] {
      let lengths = (0..<700).map { $0 % 50 == 0 ? 0 : Int.random(in: 0...60, using: &random) }
      let batches = SequenceTagger.batches(lengths: lengths, tokens: most)
      #expect(batches.joined().sorted() == Array(lengths.indices))
      let falling = batches.joined().map { lengths[$0] }
      #expect(zip(falling, falling.dropFirst()).allSatisfy { $0 >= $1 })
      for (batch, next) in zip(batches, batches.dropFirst()) where batch.count % 96 != 0 {
        let more = batch + next.prefix(1)
        #expect(more.reduce(0) { $0 + max(1, lengths[$1]) } > most, "\(batch.count) sentences")
      }
      for batch in batches {
        #expect(batch.count == 1 || batch.reduce(0) { $0 + max(1, lengths[$1]) } <= most)
      }
    }
  }

  /// A few tokens behind a group join it.
  @Test func aSmallRestIsNoGroup() {
    func joins(_ lengths: [Int]) -> Bool { SequenceTagger.joinGroup(lengths, of: 100) }
    #expect(joins([]) && joins([0, 0]) && joins([10, 10, 5]) && joins([25, 0]))
    #expect(!joins([26]) && !joins([10, 10, 5, 1]) && !joins([25, 0, 1]))
    #expect(!SequenceTagger.joinGroup([1], of: 3) && SequenceTagger.joinGroup([0], of: 3))
  }

  /// Of many tokens the last batches are small, so that threads finish together; of few they are not divided.
  @Test func theLastBatchesAreSmall() {
    func tokens(_ sentences: Int, of length: Int) -> [Int] {
      SequenceTagger.batches(lengths: [Int](repeating: length, count: sentences)).map {
        $0.count * length
      }
    }
    let many = tokens(5000, of: 10)
    #expect(many.dropLast().allSatisfy { $0 % 960 == 0 })
    #expect(many.first == 2880)
    #expect(many.suffix(4).allSatisfy { $0 <= 960 })
    #expect(zip(many, many.dropFirst()).allSatisfy { $0 >= $1 })
    #expect(tokens(120, of: 15) == [1800])
  }

  @Test(arguments: [true, false])
  func confidencesAreProbabilities(usesCRF: Bool) throws {
    let tagger = try trained(
      try taggedSentences("train"), smallTagger(usesCRF: usesCRF), epochs: 4)
    for sentence in try taggedSentences("test") {
      let spans = tagger.spans(sentence.tokens, confidence: true)
      #expect(spans.map(\.range) == tagger.spans(sentence.tokens).map(\.range))
      for span in spans {
        let probability = try #require(span.probability)
        #expect(probability > 0 && probability <= 1)
      }
      // The probability of a span is at least that of the best tagging, which holds it.
      let best = tagger.tagBest(1, sentence.tokens)[0]
      for span in spans where usesCRF {
        #expect(span.probability ?? 0 >= best.probability - 1e-6)
      }
    }
  }

  @Test(arguments: [true, false])
  func theBestTaggingsComeInOrder(usesCRF: Bool) throws {
    let tagger = try trained(sampleSentences(40), smallTagger(usesCRF: usesCRF), epochs: 2)
    let tokens = ["Jon", "leaves", "New", "Oslo"]
    let best = tagger.tagBest(8, tokens)
    #expect(best.count == 8)
    #expect(best[0].tags == tagger.tag(tokens))
    #expect(zip(best, best.dropFirst()).allSatisfy { $0.probability >= $1.probability })
    #expect(best.reduce(0) { $0 + $1.probability } <= 1 + 1e-6)
    #expect(best.allSatisfy { $0.probability > 0 && $0.tags.count == 4 })
    if usesCRF {
      #expect(best.allSatisfy { TagScheme.iob2.isValid($0.tags) })
      #expect(Set(best.map(\.tags)).count == 8)
    }
    #expect(tagger.tagBest(0, tokens).isEmpty)
    // One tagging of nothing at all.
    #expect(tagger.tagBest(3, []).map(\.tags) == [[]])
  }

  @Test func textIsTaggedWhereItStands() throws {
    let tagger = try trained(sampleSentences(60), epochs: 10)
    let text = "Jon leaves Larvik — Zoë.\n\nVera  de Moor sails to New Oslo ."
    let tagged = tagger.tag(text: text, confidence: true)
    #expect(tagged.sentences.count == 2)
    for token in tagged.sentences.joined() {
      let bytes = Array(text.utf8)[token.bytes]
      #expect(String(decoding: bytes, as: UTF8.self) == token.text)
    }
    for span in tagged.spans {
      let bytes = Array(text.utf8)[span.bytes]
      #expect(String(decoding: bytes, as: UTF8.self) == span.text)
      #expect(span.probability.map { $0 > 0 && $0 <= 1 } ?? false)
    }
    #expect(tagged.spans.contains { $0.text == "New Oslo" && $0.label == "LOC" })
    #expect(tagged.spans.contains { $0.text == "Vera  de Moor" && $0.label == "PER" })
    #expect(tagger.tag(text: "").sentences.isEmpty)
    #expect(tagger.tag(text: " \n\n ").sentences.isEmpty)
  }

  @Test func aLongSentenceIsTagged() throws {
    let tagger = try trained(sampleSentences(40), epochs: 4)
    let sentence = ["Jon", "leaves", "Larvik", "."]
    let tokens = (0..<100_000).map { sentence[$0 % 4] }
    let tags = tagger.tag([["Jon"], tokens, []])
    #expect(tags.map(\.count) == [1, 100_000, 0])
    #expect(tags[1].count { $0 == "B-PER" } > 20_000)
  }

  @Test func aSavedTaggerAnswersTheSame() throws {
    try withTemporaryFolder { folder in
      for usesCRF in [true, false] {
        let tagger = try trained(
          try taggedSentences("train"), smallTagger(usesCRF: usesCRF), epochs: 2)
        try tagger.save(to: folder + "/model")
        let read = try SequenceTagger(folder: folder + "/model")
        #expect(read.configuration == tagger.configuration)
        #expect(read.words == tagger.words)
        let sentences = try taggedSentences("test").map(\.tokens)
        #expect(read.tag(sentences) == tagger.tag(sentences))
        #expect(
          read.spans(sentences, confidence: true) == tagger.spans(sentences, confidence: true))
      }
    }
  }

  @Test func aTrainingResumesToTheSameBytes() throws {
    let sentences = sampleSentences(24)
    let tagger = try SequenceTagger(training: sentences, configuration: smallTagger(), seed: 1)
    let examples = try sentences.map { try tagger.example($0) }
    var straight = try Trainer(tagger, training: examples, settings: taggerSettings(epochs: 3))
    try straight.train()
    var first = try Trainer(tagger, training: examples, settings: taggerSettings(epochs: 3))
    var steps = 0
    try first.train(
      observe: { _, _ in steps += 1 }, shouldStop: { steps == 4 })
    try withTemporaryFolder { folder in
      try first.save(to: folder)
      var second = try Trainer<SequenceTagger>(resuming: folder, training: examples)
      try second.train()
      #expect(parameterBits(second.best) == parameterBits(straight.best))
    }
  }

  @Test func threadsChangeNothing() throws {
    let sentences = sampleSentences(40)
    func run(_ threads: Int) throws -> ([[UInt32]], [[TaggedSpan]]) {
      try Threads.with(threads) {
        let tagger = try trained(sentences, epochs: 2)
        return (parameterBits(tagger), tagger.spans(sentences.map(\.tokens), confidence: true))
      }
    }
    let (one, two) = (try run(1), try run(2))
    #expect(one.0 == two.0)
    #expect(one.1 == two.1)
  }

  @Test func pretrainedVectorsAreTheFirstOnes() throws {
    let sentences = sampleSentences(10)
    let vectors = try WordVectors([
      ("larvik", [1, 2, 3]), ("Larvik", [7, 7, 7]), ("fjord", [4, 5, 6]), ("1999", [8, 9, 9]),
    ])
    let tagger = try SequenceTagger(
      training: sentences, configuration: smallTagger(), vectors: vectors, seed: 1)
    #expect(tagger.configuration.wordEmbeddingSize == 3)
    let table = try #require(
      tagger.network.parameters.first { $0.path == "words.weight" }?.tensor)
    func row(_ word: String) throws -> [Float] {
      let id = Int(try #require(tagger.words.id(of: word)))
      return (0..<3).map { table[id, $0] }
    }
    #expect(try row("larvik") == [1, 2, 3])
    #expect(try row("fjord") == [4, 5, 6])
    #expect(try row("0000") == [8, 9, 9])
    #expect(tagger.words.id(of: "Larvik") == nil)
  }

  private func parameterBits(_ tagger: SequenceTagger) -> [[UInt32]] {
    tagger.network.parameters.map { $0.tensor.values.map(\.bitPattern) }
  }
}
