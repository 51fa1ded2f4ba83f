import Foundation
import ReelText
import Testing

@Suite struct TokenizerFileTests {
  private func content(_ tokenizer: any Tokenizer) -> String {
    String(decoding: (try? tokenizer.fileContent) ?? [], as: UTF8.self)
  }

  private func failure(_ text: String) -> String {
    errorText { _ = try TokenizerFile.parse(Array(text.utf8)) }
  }

  private func failure(replacing old: String, with new: String, bytes: Bool = false) -> String {
    let whole = bytes ? content(ByteTokenizer()) : content(ScalarTokenizer(trainedOn: "aab"))
    let changed = whole.replacingOccurrences(of: old, with: new)
    #expect(changed != whole)
    return failure(changed)
  }

  @Test func charactersRoundTrip() throws {
    for text in TextSamples.all + [TextSamples.joined] {
      let tokenizer = ScalarTokenizer(trainedOn: text)
      let read = try TokenizerFile.parse(tokenizer.fileContent)
      #expect(read as? ScalarTokenizer == tokenizer)
      #expect(try read.fileContent == tokenizer.fileContent)
      #expect(read.encode(TextSamples.joined) == tokenizer.encode(TextSamples.joined))
    }
  }

  @Test func bytesRoundTrip() throws {
    let read = try TokenizerFile.parse(ByteTokenizer().fileContent)
    #expect(read is ByteTokenizer)
    #expect(content(ByteTokenizer()).contains("\"\u{120}\": 32,"))
  }

  @Test func fileRoundTripsAndReplacesTheOldOne() throws {
    let folder = NSTemporaryDirectory() + "reel-tokenizer-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/tokenizer.json"
    try TokenizerFile.write(ByteTokenizer(), to: path)
    let tokenizer = ScalarTokenizer(trainedOn: "abc")
    try TokenizerFile.write(tokenizer, to: path)
    #expect(try TokenizerFile.read(path) as? ScalarTokenizer == tokenizer)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["tokenizer.json"])

    let missing = folder + "/none/tokenizer.json"
    #expect(
      errorText { try TokenizerFile.write(tokenizer, to: missing) }
        == "'\(missing)' cannot be written: No such file or directory")
    #expect(
      errorText { _ = try TokenizerFile.read(missing) } == "tokenizer '\(missing)' does not exist")
  }

  @Test func idsMayComeInAnyOrder() throws {
    let text = content(ScalarTokenizer(["a", "b"]))
      .replacingOccurrences(of: "\"a\": 1", with: "\"a\": 0")
      .replacingOccurrences(of: "\"\u{FFFD}\": 0", with: "\"<unk>\": 1")
      .replacingOccurrences(of: "\"\u{FFFD}\"", with: "\"<unk>\"")
    let tokenizer = try #require(
      try TokenizerFile.parse(Array(text.utf8)) as? ScalarTokenizer)
    #expect(tokenizer.tokens == ["a", "<unk>", "b"])
    #expect(tokenizer.encode("ab?<") == [0, 2, 1, 1])
    #expect(tokenizer.decode([0, 1]) == "a<unk>")
    #expect(try TokenizerFile.parse(tokenizer.fileContent) as? ScalarTokenizer == tokenizer)
  }

  @Test func aFileCutShortIsRefusedEverywhere() {
    let whole = ScalarTokenizer(trainedOn: "aab\u{E9}").fileContent
    for length in whole.indices {
      let text = errorText { _ = try TokenizerFile.parse(Array(whole[..<length])) }
      #expect(!text.isEmpty && !text.contains("\n"))
    }
    #expect(failure("") == "the file is empty, expected JSON")
    #expect(failure("{\n \"version\": ") == "line 2, column 13: the text ends, expected a value")
  }

  @Test func idsMustBeWholeNumbersFromZero() {
    #expect(
      failure(replacing: "\"b\": 2", with: "\"b\": 3")
        == "id 2 is missing from a vocabulary of 3 tokens")
    #expect(
      failure(replacing: "\"b\": 2", with: "\"b\": 1") == "id 1 belongs to both \"a\" and \"b\"")
    #expect(
      failure(replacing: "\"b\": 2", with: "\"b\": -2")
        == "token \"b\" has id -2, expected a whole number")
    #expect(
      failure(replacing: "\"b\": 2", with: "\"a\": 2").hasSuffix(
        "the key \"a\" comes twice in one object"))
    #expect(
      failure(replacing: "\"unk_token\": \"\u{FFFD}\"", with: "\"unk_token\": \"?\"")
        == "the vocabulary lacks the unknown token \"?\"")
  }

  @Test func whatIsNearlyCharactersOrBytesIsAPipeline() throws {
    let text = content(ScalarTokenizer(trainedOn: "aab"))
    for (old, new) in [
      ("\"b\": 2", "\"bb\": 2"), ("\"Isolated\"", "\"Removed\""),
      ("\"normalizer\": null", "\"normalizer\": {\"type\": \"NFC\"}"),
    ] {
      let changed = text.replacingOccurrences(of: old, with: new)
      #expect(changed != text)
      let tokenizer = try TokenizerFile.parse(Array(changed.utf8))
      #expect(tokenizer is TokenizerPipeline)
      #expect(tokenizer.vocabularySize == 3)
    }
    let bytes = content(ByteTokenizer()).replacingOccurrences(
      of: "\"add_prefix_space\": false", with: "\"add_prefix_space\": true")
    let pipeline = try TokenizerFile.parse(Array(bytes.utf8))
    #expect(pipeline.encode("a") == [32, 97])
    #expect(!pipeline.isLossless)
  }

  @Test(arguments: [
    ("{\"a\": 1,}", "line 1, column 9: found '}', expected a key in quotes"),
    ("{\"a\" 1}", "line 1, column 6: found '1', expected ':' after a key"),
    ("[1 2]", "line 1, column 4: found '2', expected ',' or ']'"),
    ("[1,\n\"\u{E9}\", x]", "line 2, column 6: found 'x', expected a value"),
    ("[01]", "line 1, column 4: a number begins with a superfluous 0"),
    ("[1.]", "line 1, column 4: found ']', expected a digit"),
    ("[1e999]", "line 1, column 7: the number 1e999 is too large"),
    ("[\"\\x\"]", "found 'x', expected one of the escapes"),
    ("[\"\\ud800\"]", "half of a surrogate pair stands alone"),
    ("[\"\\udc00\"]", "half of a surrogate pair stands alone"),
    ("[\"a\nb\"]", "a control character, 0x0A, stands in a string"),
    ("[\"\\u00g0\"]", "found 'g', expected four hexadecimal digits after \\u"),
    ("[] []", "line 1, column 4: found '[', expected the end of the file"),
    (String(repeating: "[", count: 5000), "more than 128 levels of arrays and objects"),
  ])
  func brokenJSON(_ text: String, _ message: String) {
    #expect(failure(text).contains(message))
  }

  @Test func escapesAreRead() throws {
    let text = content(ScalarTokenizer(["\u{1F680}", "\n", "\""]))
      .replacingOccurrences(of: "\u{1F680}", with: "\\ud83d\\uDE80")
      .replacingOccurrences(of: "\\n", with: "\\u000A")
    let tokenizer = try #require(
      try TokenizerFile.parse(Array(text.utf8)) as? ScalarTokenizer)
    #expect(tokenizer.tokens.dropFirst() == ["\u{1F680}", "\n", "\""])
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    #expect(
      errorText { _ = try TokenizerFile.parse([0x7B, 0xFF]) }
        .hasPrefix("not UTF-8: byte 0xFF at line 1, column 2"))
  }
}
