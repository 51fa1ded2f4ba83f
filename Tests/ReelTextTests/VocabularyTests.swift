import Foundation
import ReelText
import Testing

@Suite struct VocabularyTests {
  private func counted(_ texts: [String]) -> PieceCounts {
    var counter = VocabularyCounter()
    for text in texts { counter.add(text) }
    return counter.pieces
  }

  private func file(_ text: String) -> MappedFile {
    MappedFile(bytes: Array(text.utf8), name: "v.tsv", as: "vocabulary")
  }

  private func failure(_ text: String) -> String {
    errorText { _ = try Vocabulary(text: file(text)) }
  }

  private func jsonFailure(_ text: String) -> String {
    errorText { _ = try Vocabulary(json: Array(text.utf8)) }
  }

  @Test func orderIsByFrequencyThenScalars() throws {
    let vocabulary = try Vocabulary(counted(["b a \u{1F680} é b \u{FB01}", "a c c c z"]))
    #expect(
      vocabulary.tokens(of: (0..<Int32(vocabulary.count)).map { $0 }).map(scalars)
        == ["<pad>", "<unk>", "<bos>", "<eos>", "c", "a", "b", "z", "é", "\u{FB01}", "\u{1F680}"]
        .map(scalars))
    #expect(vocabulary.counts == [0, 0, 0, 0, 3, 2, 2, 1, 1, 1, 1])
    #expect(vocabulary.id(of: "a") == 5)
    #expect(vocabulary.id(of: "<eos>") == 3)
    #expect(vocabulary.id(of: .begin) == 2)
    #expect(vocabulary.id(of: .mask) == nil)
    #expect(vocabulary.unknownID == 1)
    #expect(vocabulary.specialTokens == SpecialToken.usual)
  }

  @Test func canonicallyEqualTokensStayApart() throws {
    let vocabulary = try Vocabulary(counted(["\u{E9} e\u{301} \u{E9}"]), specialTokens: [])
    #expect(vocabulary.count == 2)
    #expect(vocabulary.id(of: "\u{E9}") == 0)
    #expect(vocabulary.id(of: "e\u{301}") == 1)
  }

  @Test func rareTokensAndThoseBeyondTheSizeAreLeftOut() throws {
    let counts = counted(["a a a b b c d"])
    let frequent = try Vocabulary(counts, minimumCount: 2, specialTokens: [])
    #expect(frequent.tokens(of: [0, 1]) == ["a", "b"])
    #expect(frequent.count == 2)
    let unknown = [SpecialToken("<unk>", .unknown)]
    let small = try Vocabulary(counts, maximumSize: 3, specialTokens: unknown)
    #expect(small.count == 3)
    #expect(small.outOfVocabularyRate(of: counts) == 2.0 / 7)
    #expect(small.outOfVocabularyRate(of: ["a", "c", "b", "é"]) == 0.5)
    #expect(small.outOfVocabularyRate(of: []) == 0)
    #expect(
      errorText { _ = try Vocabulary(counts, maximumSize: 3) }
        == "a vocabulary of at most 3 tokens was asked for, expected at least 4")
    #expect(try Vocabulary(counts, maximumSize: 4).count == 4)
  }

  @Test func specialTokensComeOnce() throws {
    let counts = counted(["a a"])
    let special = try Vocabulary(counts, specialTokens: [SpecialToken("a", .unknown)])
    #expect(special.count == 1)
    #expect(special.counts == [2])
    #expect(
      errorText {
        _ = try Vocabulary(
          counts, specialTokens: [SpecialToken("x", .padding), SpecialToken("x", .unknown)])
      } == "token 'x' comes twice, as id 0 and as id 1, expected every token once")
    #expect(
      errorText {
        _ = try Vocabulary(
          counts, specialTokens: [SpecialToken("x", .padding), SpecialToken("y", .padding)])
      } == "the special token \"y\" is a second one for padding, expected one")
    #expect(
      errorText { _ = try Vocabulary(counts, specialTokens: [SpecialToken("", .mask)]) }
        == "the special token for mask is empty, expected text")
  }

  @Test func idsOfTokens() throws {
    let vocabulary = try Vocabulary(counted(["a b"]))
    #expect(try vocabulary.ids(of: ["b", "?", "a"]) == [5, 1, 4])
    let closed = try Vocabulary(counted(["a b"]), specialTokens: [])
    #expect(
      errorText { _ = try closed.ids(of: ["b", "x\n"]) }
        == "token 2, \"x\\n\", is not in the vocabulary of 2 tokens, which has no unknown token")
    #expect(vocabulary.model.tokens(of: Array("b".utf8)).map(\.id) == [5])
    #expect(vocabulary.model.tokens(of: Array("x".utf8)).map(\.id) == [1])
    #expect(closed.model.tokens(of: Array("x".utf8)).isEmpty)
  }

  @Test func countingGoesThroughANormalizerAndFiles() throws {
    var counter = VocabularyCounter(.words, normalizer: .lowercase)
    counter.add("The the THE")
    try counter.add(contentsOf: file("the cat\r\nthe end"))
    counter.add(token: "<s>")
    #expect(counter.pieces.occurrences(of: Array("the".utf8)) == 5)
    #expect(counter.pieces.occurrences(of: Array("<s>".utf8)) == 1)
    let broken = MappedFile(bytes: [0x61, 0x0A, 0xFF], name: "c", as: "corpus")
    var other = VocabularyCounter()
    #expect(errorText { try other.add(contentsOf: broken) }.contains("line 2"))
  }

  @Test func filesRoundTrip() throws {
    var counter = VocabularyCounter(.split(Pattern(literal: "|"), .removed, invert: false))
    counter.add("a|\t|\n|\r\n|\\|\\n|é|\u{1F680}| |\"|a|\u{0}|#|3|{")
    let folder = NSTemporaryDirectory() + "reel-vocabulary-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for special in [SpecialToken.usual, [], [SpecialToken("a\tb", .other)]] {
      let vocabulary = try Vocabulary(counter.pieces, specialTokens: special)
      for name in ["v.tsv", "v.json"] {
        try vocabulary.write(to: folder + "/" + name)
        let read = try Vocabulary.read(folder + "/" + name)
        #expect(read == vocabulary)
        #expect(read.textContent == vocabulary.textContent)
      }
    }
    #expect(
      errorText { _ = try Vocabulary.read(folder + "/none.json") }
        == "vocabulary '\(folder)/none.json' does not exist")
    #expect(errorText { _ = try Vocabulary.read(folder + "/none.tsv") }.contains("does not exist"))
  }

  @Test func textIsPlain() throws {
    let vocabulary = try Vocabulary(
      counted(["a a b"]), specialTokens: [SpecialToken("<unk>", .unknown)])
    let text = "<unk>\tunknown\na\t2\nb\t1\n"
    #expect(String(decoding: vocabulary.textContent, as: UTF8.self) == text)
    for variant in [text, "\u{FEFF}" + text, text.replacingOccurrences(of: "\n", with: "\r\n")] {
      #expect(try Vocabulary(text: file(variant)) == vocabulary)
    }
  }

  @Test(arguments: [
    ("a", "line 1: 1 columns, expected a token, a tab and a count"),
    ("a\t2\nb\t1\tx", "line 2: 3 columns, expected a token, a tab and a count"),
    ("a\t2\n\nb\t1", "line 2: 1 columns, expected a token, a tab and a count"),
    ("\t2", "line 1: an empty token, expected text"),
    ("a\t0", "line 1: \"a\" has the count 0, expected at least 1"),
    ("a\t2\na\t2", "line 2: \"a\" comes twice, expected every token once"),
    (
      "a\t2\nb\t3",
      "line 2: \"b\" with the count 3 stands behind \"a\" with 2, expected falling counts"
    ),
    (
      "b\t2\na\t2",
      "line 2: \"a\" stands behind \"b\" with the same count, expected the order of their scalars"
    ),
    (
      "a\t-1",
      "line 1: \"a\" has \"-1\", expected a count or one of the roles padding, unknown, begin, "
        + "end, separator, mask, other"
    ),
    ("a\t1\nb\tmask", "line 2: the special token \"b\" stands behind \"a\", expected special"),
    ("a\tmask\nb\tmask", "line 2: \"b\" is a second token for mask besides \"a\""),
    ("a\t99999999999999999999", "line 1: the count 99999999999999999999, expected at most"),
    ("a\\x\t1", "line 1: the token \"a\\\\x\" has a '\\' before something else than t, n, r or"),
    ("a\\\t1", "line 1: the token \"a\\\\\" has a '\\' before something else than t, n, r or"),
  ])
  func brokenTextIsRefused(_ text: String, _ message: String) {
    #expect(failure(text).hasPrefix("vocabulary 'v.tsv', " + message), "\(failure(text))")
  }

  @Test func emptyFilesAreRefused() {
    #expect(failure("") == "vocabulary 'v.tsv': there are no tokens, expected at least one")
    #expect(jsonFailure("") == "the file is empty, expected JSON")
  }

  @Test(arguments: [
    (#"{"format": "x"}"#, "format of the file is \"x\", expected \"vocabulary\""),
    (#"{"format": "vocabulary", "version": 2}"#, "version of the file is 2, expected 1"),
    (#"{"format": "vocabulary", "#, "line 1, column 26: the text ends, expected a key in quotes"),
    (
      #"{"format": "vocabulary", "version": 1, "special_tokens": [], "more": 1}"#,
      "the file has the key \"more\", which is not supported"
    ),
    (
      #"{"format": "vocabulary", "version": 1, "tokens": []}"#,
      "special_tokens of the file is missing, expected an array"
    ),
    (
      #"{"format": "vocabulary", "version": 1, "special_tokens": [{"token": "a"}], "tokens": []}"#,
      "entry 1 of special_tokens: an object of 1, expected an object of \"token\" and \"role\""
    ),
    (
      #"{"format": "vocabulary", "version": 1, "special_tokens": [], "tokens": [["a", 2], ["b"]]}"#,
      "entry 2 of tokens: an array of 1, expected an array of a token and its count"
    ),
    (
      #"{"format": "vocabulary", "version": 1, "special_tokens": [], "tokens": [["a", 0]]}"#,
      "entry 1 of tokens: \"a\" has the count 0, expected at least 1"
    ),
    (
      #"{"format": "vocabulary", "version": 1, "special_tokens": [], "tokens": []}"#,
      "there are no tokens, expected at least one"
    ),
  ])
  func brokenJSONIsRefused(_ text: String, _ message: String) {
    #expect(jsonFailure(text) == message)
  }
}
