import Reel
import Testing

@Suite struct SequenceTaggerErrorTests {
  private func sentence(_ tags: [String], line: Int = 0) -> TaggedSentence {
    TaggedSentence(tokens: tags.indices.map { "w\($0)" }, tags: tags, line: line)
  }

  private func trainingError(_ sentences: [TaggedSentence]) -> String? {
    errorText { _ = try SequenceTagger(training: sentences) }
  }

  @Test func nothingToLearnFrom() {
    let empty = "the training data has no tokens, expected tagged sentences"
    #expect(trainingError([]) == empty)
    #expect(trainingError([sentence([])]) == empty)
    #expect(
      trainingError([sentence(["O", "O"])])
        == "the training data has only the tag \"O\", expected at least 2 different ones")
    #expect(
      trainingError([TaggedSentence(tokens: ["a"], tags: [], line: 7)])
        == "line 7: a sentence of 1 tokens has no tags, expected a tag for each token")
  }

  @Test func tagsThatBreakEveryScheme() throws {
    let text = try #require(
      trainingError([sentence(["B-A", "I-A"]), sentence(["B-A", "I-A", "B-A", "I-B"], line: 4)]))
    #expect(text.hasPrefix("line 7: IOB2 is broken"), "\(text)")
    #expect(!text.contains("\n"))
  }

  @Test func tagsThatNeverCameInTraining() throws {
    let tagger = try SequenceTagger(training: [sentence(["B-A", "I-A", "O"])])
    // Every position of a known label is known.
    #expect(throws: Never.self) { try tagger.example(sentence(["B-A", "B-A", "I-A", "I-A"])) }
    #expect(
      errorText { _ = try tagger.example(sentence(["O", "B-X"], line: 30)) }
        == "line 31: the tag \"B-X\" never came in training, expected one of the labels \"A\"")
    #expect(
      errorText { _ = try tagger.example(sentence(["B-A", "E-A", "I-A"], line: 30)) }?
        .hasPrefix("line 31: IOB2 is broken") ?? false)
    // Another scheme that a whole sentence follows is understood.
    #expect(throws: Never.self) { try tagger.example(sentence(["S-A", "B-A", "E-A"])) }
    let plain = try SequenceTagger(training: [sentence(["NN", "VB"])])
    #expect(
      errorText { _ = try plain.example(sentence(["JJ"])) }
        == "the tag \"JJ\" never came in training, expected one of the tags \"NN\", \"VB\"")
  }

  @Test func settingsOutOfRange() {
    let sentences = [sentence(["B-A", "O"])]
    func text(_ change: (inout SequenceTaggerConfiguration) -> Void) -> String? {
      var configuration = smallTagger()
      change(&configuration)
      return errorText {
        _ = try SequenceTagger(training: sentences, configuration: configuration)
      }
    }
    #expect(text { _ in } == nil)
    #expect(text { $0.wordEmbeddingSize = 0 }?.contains("word embedding size 0") ?? false)
    #expect(text { $0.dropout = 1 }?.contains("dropout 1.0") ?? false)
    #expect(text { $0.wordDropout = -0.1 }?.contains("word dropout -0.1") ?? false)
    #expect(text { $0.characterHiddenSize = -1 }?.contains("character hidden size") ?? false)
    #expect(text { $0.encoder.hiddenSize = 0 }?.contains("hidden size 0") ?? false)
  }

  @Test func foldersThatDoNotFit() throws {
    try withTemporaryFolder { folder in
      let tagger = try SequenceTagger(training: sampleSentences(4), configuration: smallTagger())
      try tagger.save(to: folder)
      try Vocabulary(PieceCounts()).write(to: folder + "/words.json")
      let text = try #require(errorText { _ = try SequenceTagger(folder: folder) })
      #expect(text.contains("words.weight") && !text.contains("\n"))
      #expect(errorText { _ = try SequenceTagger(folder: folder + "/no") } != nil)
    }
  }
}
