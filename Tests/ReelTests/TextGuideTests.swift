import Foundation
import Reel
import Testing

/// The code of `Guides/Text.md`, compiled and run; its lines stand here and there.
@Suite struct TextGuideTests {
  private let path = DocumentedCode.path("corpora/river-plays/river-plays.txt")

  @Test func theGuideHasThisCode() throws {
    let guide = "Guides/Text.md"
    let blocks = try DocumentedCode.blocks(of: guide)
    let regions = try DocumentedCode.regions(of: guide, in: #filePath)
    #expect(!blocks.isEmpty && blocks == regions)
  }

  @Test func normalizationKnowsWhereItCameFrom() throws {
    // begin Guides/Text.md
    let normalizer = Normalizer.sequence([.form(.nfd), .stripAccents, .lowercase])
    var text = AlignedText("Über ALLE")
    normalizer.apply(to: &text)
    print(text.text)  // uber alle
    print(text.originalRange(of: 0..<4))  // 0..<5: "Über", whose first letter takes two bytes
    // end Guides/Text.md
    #expect(text.text == "uber alle" && text.originalRange(of: 0..<4) == 0..<5)
  }

  @Test func trainingATokenizer() throws {
    // begin Guides/Text.md
    var training = TokenizerTraining(.byteBytePair, vocabularySize: 1000)
    training.specialTokens = ["<|endoftext|>", "<|pad|>"]
    let tokenizer = try TokenizerPipeline.train(training, files: [path])

    let encoding = tokenizer.encoding(of: "The ferry leaves.")
    print(encoding.ids.count, encoding.tokens)
    print(encoding.offsets)  // bytes of the text, for each token
    print(tokenizer.decode(encoding.ids))  // The ferry leaves.
    // end Guides/Text.md
    #expect(tokenizer.vocabularySize == 1000 && tokenizer.isLossless)
    #expect(tokenizer.decode(encoding.ids) == "The ferry leaves.")
    #expect(tokenizer.id(of: "<|pad|>") == 1)
    #expect(encoding.offsets.first?.lowerBound == 0 && encoding.offsets.last?.upperBound == 17)
  }

  @Test func wordsWithoutAVocabulary() {
    // begin Guides/Text.md
    for word in PreTokenizer.words.pieces(of: "Mail it to a@example.org: 3.14 €, don't wait!") {
      print(word.range, word.text)
    }
    // end Guides/Text.md
    let words = PreTokenizer.words.pieces(of: "Mail it to a@example.org: 3.14 €, don't wait!")
    #expect(
      words.map(\.text) == [
        "Mail", "it", "to", "a@example.org", ":", "3.14", "€", ",", "don't", "wait", "!",
      ])
  }

  @Test func theFile() throws {
    try withTemporaryFolder { folder in
      let file = folder + "/tokenizer.json"
      // begin Guides/Text.md
      var training = TokenizerTraining(.wordPiece, vocabularySize: 600)
      training.normalizer = .bert(BertNormalization(lowercases: false))
      try TokenizerFile.write(TokenizerPipeline.train(training, files: [path]), to: file)

      let tokenizer = try TokenizerFile.read(file)
      let ids = tokenizer.encode("The ferry leaves.")
      let pipeline = try TokenizerFile.parsePipeline(Corpus.read(file))
      let pair = pipeline.encoding(of: "Where is it?", pair: "It left.")
      print(pair.tokens)  // [CLS] … [SEP] … [SEP]
      print(pair.typeIDs)  // 0 for the first text, 1 for the second
      // end Guides/Text.md
      #expect(tokenizer.decode(ids).contains("The ferry"))
      #expect(pair.tokens.first == "[CLS]" && pair.tokens.last == "[SEP]")
      #expect(pair.typeIDs.last == 1)
    }
  }

  @Test func vocabulary() throws {
    try withTemporaryFolder { folder in
      let file = folder + "/vocabulary.txt"
      // begin Guides/Text.md
      var counter = VocabularyCounter(.words)
      try counter.add(contentsOf: MappedFile(path))
      let vocabulary = try Vocabulary(counter.pieces, minimumCount: 2, maximumSize: 1000)
      let ids = try vocabulary.ids(of: ["The", "ferry", "zeppelin"])  // the last is unknown
      let share = vocabulary.outOfVocabularyRate(of: counter.pieces)  // of the words of the plays
      try vocabulary.write(to: file)  // "token, tab, count" lines; JSON if the name ends in .json

      let tokenizer = try TokenizerPipeline(preTokenizer: .words, model: vocabulary.model)
      // end Guides/Text.md
      #expect(ids[0] > 1 && ids[2] == vocabulary.unknownID && share < 0.1)
      #expect(try Vocabulary.read(file) == vocabulary)
      #expect(tokenizer.encode("The ferry, zeppelin")[0] == ids[0])
    }
  }

  @Test func oneHotRows() throws {
    // begin Guides/Text.md
    var generator = RandomGenerator(seed: 1)
    let linear = Linear(10_000, 64, using: &generator)
    let rows = OneHot([17, 4, 17, 9_999], width: 10_000)
    let output = linear(rows)  // [4, 64]: four columns of the weight, and the bias
    let slow = linear(rows.dense)  // the same from a product with 40,000 numbers
    // end Guides/Text.md
    #expect(output.shape == [4, 64])
    #expect(zip(output.values, slow.values).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func readers() throws {
    let train = DocumentedCode.path("corpora/sentiment/train.tsv")
    let test = DocumentedCode.path("corpora/sentiment/test.tsv")
    // begin Guides/Text.md
    let examples = try LabelledTextReader(tsv: MappedFile(train)).records()
    let labels = Labels(of: examples.map(\.label))  // negative 0, positive 1
    let classes = examples.map { labels.index(of: $0.label) ?? 0 }

    let testFile = try MappedFile(test)
    var reader = try LabelledTextReader(tsv: testFile)
    while let example = try reader.next() {
      let number = try labels.index(of: example.label, line: example.line, of: testFile)
      precondition(number < labels.count)
    }
    // end Guides/Text.md
    #expect(labels.names == ["negative", "positive"] && classes.count == 320)
  }

  @Test func tags() throws {
    let path = DocumentedCode.path("corpora/entities/train.txt")
    // begin Guides/Text.md
    let file = try MappedFile(path)
    let sentences = try ConllReader(file).records()
    var detector = TagSchemeDetector()
    for sentence in sentences { detector.add(sentence) }
    let scheme = try detector.scheme(of: file)  // .iob2, or an error with the line that breaks it
    let first = sentences[0]
    let spans = try first.spans(scheme, of: file)
    let iobes = try first.converted(from: scheme, to: .iobes, of: file)
    // end Guides/Text.md
    #expect(scheme == .iob2 && iobes.tags.count == first.tokens.count)
    #expect(try TagScheme.iobes.spans(of: iobes.tags) == spans)
  }

  @Test func batches() throws {
    let examples = try LabelledTextReader(
      tsv: MappedFile(DocumentedCode.path("corpora/sentiment/train.tsv"))
    ).records()
    let classes = examples.map { $0.label == "positive" ? 1 : 0 }
    let tokenizer = try TokenizerPipeline.train(
      TokenizerTraining(.words, vocabularySize: 500), on: examples.map(\.text))
    // begin Guides/Text.md
    var random = RandomGenerator(seed: 1)
    let parts = Splits.parts(classes: classes, fractions: [0.9, 0.1], using: &random)
    let ids = parts[0].map { tokenizer.encode(examples[$0].text) }
    let lengths = ids.map(\.count)
    for batch in Batches.byLength(lengths, size: 32, using: &random) {
      let sequences = TokenSequences(batch.map { ids[$0] })
      let targets = batch.map { classes[parts[0][$0]] }
      precondition(sequences.lengths.count == targets.count)
    }
    // end Guides/Text.md
    #expect(parts.map(\.count) == [288, 32])
    let batches = Batches.byLength(lengths, size: 32, using: &random)
    #expect(Batches.paddingFraction(of: batches, lengths: lengths) < 0.1)
  }
}
