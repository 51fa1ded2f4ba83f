import Foundation
import ReelText
import Testing

/// What is wrong with a file is said in one line; nothing that a file holds makes reading crash.
@Suite struct TokenizerFileErrorTests {
  private static let small = """
    {"version":"1.0","truncation":null,"padding":null,
    "added_tokens":[{"id":4,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,
    "normalized":false,"special":true}],"normalizer":{"type":"NFC"},
    "pre_tokenizer":{"type":"Whitespace"},"post_processor":{"type":"TemplateProcessing",
    "single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
    "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],
    "special_tokens":{"<s>":{"id":"<s>","ids":[4],"tokens":["<s>"]}}},
    "decoder":{"type":"BPEDecoder","suffix":"</w>"},
    "model":{"type":"BPE","dropout":null,"unk_token":"u","vocab":{"a":0,"b":1,"ab":2,"u":3},
    "merges":["a b"]}}
    """

  private func failure(_ old: String, _ new: String) -> String {
    let changed = Self.small.replacingOccurrences(of: old, with: new)
    #expect(changed != Self.small)
    let text = errorText { _ = try TokenizerFile.parse(Array(changed.utf8)) }
    #expect(!text.contains("\n"))
    return text
  }

  @Test func theSmallFileIsGood() throws {
    let tokenizer = try TokenizerFile.parse(Array(Self.small.utf8))
    #expect(tokenizer.encode("ab b<s>x") == [2, 1, 4, 3])
    #expect(tokenizer.encoding(of: "ab").ids == [4, 2])
  }

  @Test func missingIDsAreNamed() {
    #expect(
      failure("\"a b\"", "\"a c\"")
        == "merge 0 refers to the token \"c\", which the vocabulary lacks")
    #expect(
      failure("\"a b\"", "[\"b\", \"a\"]")
        == "merge 0 of 'b' and 'a' makes 'ba', which is no token")
    #expect(failure("\"a b\"", "\"a b c\"") == "merge 0 is \"a b c\", expected two tokens")
    #expect(
      failure("\"unk_token\":\"u\"", "\"unk_token\":\"v\"")
        == "the vocabulary lacks the unknown token \"v\"")
    #expect(
      failure("\"id\":4,\"content\"", "\"id\":9,\"content\"")
        == "the added token \"<s>\" has id 9, expected 4")
    #expect(
      failure("\"ids\":[4]", "\"ids\":[5]")
        == "post_processor refers to id 5 (\"<s>\"), expected 0 to 4")
    #expect(
      failure("{\"id\":\"<s>\",\"type_id\":0}", "{\"id\":\"</s>\",\"type_id\":0}")
        == "the template uses the special token \"</s>\", which is not given")
    #expect(
      failure("\"u\":3", "\"u\":5") == "id 3 is missing from a vocabulary of 4 tokens")
    #expect(
      failure(
        "\"padding\":null",
        "\"padding\":{\"strategy\":\"BatchLongest\",\"direction\":\"Right\",\"pad_to_multiple_of\""
          + ":null,\"pad_id\":7,\"pad_type_id\":0,\"pad_token\":\"<s>\"}")
        == "padding refers to id 7, expected 0 to 4")
  }

  @Test func whatIsNotSupportedIsNamed() {
    #expect(
      failure("\"NFC\"", "\"NFX\"").hasPrefix(
        "normalizer is of type \"NFX\", which is not supported, expected NFC, NFD"))
    #expect(
      failure("{\"type\":\"NFC\"}", "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"X\"}]}")
        .hasPrefix("normalizers[0] is of type \"X\", which is not supported"))
    #expect(
      failure("\"Whitespace\"", "\"Words\"").hasPrefix("pre_tokenizer is of type \"Words\""))
    #expect(failure("\"BPEDecoder\"", "\"Cyrillic\"").hasPrefix("decoder is of type \"Cyrillic\""))
    #expect(
      failure("\"TemplateProcessing\"", "\"Template\"")
        .hasPrefix("post_processor is of type \"Template\""))
    #expect(failure("\"BPE\"", "\"BNE\"").hasPrefix("model is of type \"BNE\""))
    #expect(
      failure("\"unk_token\"", "\"unknown_token\"")
        == "model has the key \"unknown_token\", which is not supported")
    #expect(failure("\"dropout\":null", "\"dropout\":0.5").contains("dropout of merges is 0.5"))
    #expect(
      failure(
        "{\"type\":\"Whitespace\"}",
        "{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"ByteLevel\",\"add_prefix_space\":"
          + "false,\"trim_offsets\":true},{\"type\":\"Whitespace\"}]}"
      )
      .contains("follows ByteLevel in a sequence, which is not supported"))
    #expect(failure("\"version\":\"1.0\"", "\"version\":\"2.0\"").hasPrefix("version of the file"))
    #expect(
      failure("\"version\"", "\"style\":1,\"version\"")
        == "the file has the key \"style\", which is not supported")
    #expect(
      failure(
        "\"Whitespace\"}",
        "\"Split\",\"pattern\":{\"Regex\":\"(\"},\"behavior\":\"Isolated\",\"invert\":false}")
        != "")
  }

  @Test func partsThatDoNotFitAreNamed() throws {
    let table = ["a", "b"].map { Array($0.utf8) }
    let characters = try BytePairModel(
      tokens: table, merges: [], options: BytePairModel.Options(alphabet: .scalars))
    let bytes = try BytePairModel(tokens: table, merges: [])
    let byteLevel = PreTokenizer.byteLevel(
      addsPrefixSpace: false, trimsOffsets: true, usesPattern: true)
    func failure(_ model: any SubwordModel, _ preTokenizer: PreTokenizer) -> String {
      errorText { _ = try TokenizerPipeline(preTokenizer: preTokenizer, model: model) }
    }
    #expect(failure(characters, .whitespace) == "" && failure(bytes, byteLevel) == "")
    #expect(failure(characters, byteLevel).contains("expected one of bytes"))
    #expect(failure(bytes, .whitespace).contains("expected ByteLevel at its end"))
    let unigram = try UnigramModel(tokens: table, scores: [0, -1], unknownID: 0)
    #expect(failure(unigram, byteLevel).contains("unigram after the pre_tokenizer ByteLevel"))
    let template = PostProcessor.template(
      try TemplateProcessing(single: [.sequence(0, typeID: 0)], pair: [], specials: []))
    #expect(
      errorText {
        _ = try TokenizerPipeline(
          model: unigram, postProcessor: .sequence([template, .sequence([template])]))
      } == "post_processor is a sequence of 2 templates, expected at most one")
    let words = try WordLevelModel(tokens: table, unknownID: nil)
    #expect(
      errorText { _ = try TokenizerPipeline(model: words).fileContent }
        .contains("without an unknown token"))
    #expect(
      errorText {
        _ = try TokenizerPipeline(normalizer: .caseFold, model: unigram).fileContent
      }.contains("normalizer caseFold has no form"))
  }

  /// Reel's own clean-up is written as replacements that do the same.
  @Test func cleanUpIsWrittenAsReplacements() throws {
    let model = try UnigramModel(
      tokens: ["<unk>", "a", "b", " "].map { Array($0.utf8) }, scores: [0, -1, -2, -3],
      unknownID: 0)
    let pipeline = try TokenizerPipeline(
      normalizer: .sequence([.cleanControls, .cleanWhiteSpace]), model: model)
    let read = try TokenizerFile.parsePipeline(pipeline.fileContent)
    var generator = TestGenerator(state: 75)
    let controls = " a\u{0}b\t\n a\u{AD}\u{FEFF}b\u{85}\u{2028} \u{200E}\u{1F}\u{7F}\u{9F}a  "
    for _ in 0..<200 {
      let text = controls + generator.text(upTo: 8) + controls
      #expect(read.encoding(of: text).tokens == pipeline.encoding(of: text).tokens)
    }
  }

  /// Short files that ask for endless memory.
  @Test func endlessGrowthIsRefused() {
    let double = "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"aa\"}"
    let many = Array(repeating: double, count: 40).joined(separator: ",")
    let refused = "can make a text 1099511627776.0 times longer, expected at most 1048576 times"
    #expect(
      failure("{\"type\":\"NFC\"}", "{\"type\":\"Sequence\",\"normalizers\":[\(many)]}")
        == "normalizer \(refused)")
    #expect(
      failure(
        "{\"type\":\"BPEDecoder\",\"suffix\":\"</w>\"}",
        "{\"type\":\"Sequence\",\"decoders\":[\(many)]}") == "decoder \(refused)")
    let limits = """
      "padding":{"strategy":{"Fixed":2000},"direction":"Right","pad_id":0,"pad_type_id":0,
      "pad_token":"a"},"truncation":{"max_length":1,"strategy":"LongestFirst","stride":0}
      """
    #expect(
      failure("\"truncation\":null,\"padding\":null", limits)
        == "Fixed of strategy is 2000, expected a whole number from 0 to 1024")
  }

  @Test func valuesOfTheWrongKind() {
    #expect(
      failure("\"suffix\":\"</w>\"", "\"suffix\":3") == "suffix of decoder is 3, expected a string")
    #expect(
      failure(",\"suffix\":\"</w>\"", "") == "suffix of decoder is missing, expected a string")
    #expect(
      failure("\"a\":0", "\"a\":\"x\"").contains("token \"a\" has id \"x\", expected a whole"))
    #expect(
      failure("\"special\":true", "\"special\":1")
        == "special of added_tokens[0] is 1, expected true or false")
    #expect(
      failure(
        "\"truncation\":null",
        "\"truncation\":{\"max_length\":2,\"strategy\":\"LongestFirst\",\"stride\":2}")
        == "stride of truncation is 2, expected a whole number from 0 to 1")
    #expect(
      failure(
        "\"padding\":null",
        "\"padding\":{\"strategy\":{\"Fixed\":99999999999},\"direction\":\"Right\",\"pad_id\":0,"
          + "\"pad_type_id\":0,\"pad_token\":\"<s>\"}")
        == "Fixed of strategy is 99999999999, expected a whole number from 0 to 262144")
    #expect(
      failure("\"merges\":[\"a b\"]", "\"merges\":{}").contains("merges of model is an object"))
    #expect(
      failure("\"normalizer\":{\"type\":\"NFC\"}", "\"normalizer\":7")
        == "normalizer is 7, expected an object")
  }

  @Test func otherModels() throws {
    func failure(_ model: String) -> String {
      let text = """
        {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
        "pre_tokenizer":null,"post_processor":null,"decoder":null,"model":\(model)}
        """
      return errorText { _ = try TokenizerFile.parse(Array(text.utf8)) }
    }
    #expect(failure("{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"a\",0.0]]}") == "")
    #expect(
      failure("{\"type\":\"Unigram\",\"unk_id\":1,\"vocab\":[[\"a\",0.0]]}")
        == "unk_id of model is 1, expected a whole number from 0 to 0")
    #expect(
      failure("{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"a\",0.0],[\"a\",1]]}")
        .contains("token 'a' comes twice"))
    #expect(
      failure("{\"type\":\"Unigram\",\"unk_id\":0,\"vocab\":[[\"a\"]]}")
        == "piece 0 is an array of 1, expected [piece, score]")
    #expect(
      failure("{\"type\":\"Unigram\",\"unk_id\":null,\"vocab\":[]}") == "the vocabulary is empty")
    let wordPiece = "\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":100"
    #expect(
      failure("{\"type\":\"WordPiece\",\"unk_token\":\"u\",\(wordPiece),\"vocab\":{\"a\":0}}")
        == "the vocabulary lacks the unknown token \"u\"")
    // Files of old have no type.
    #expect(failure("{\"unk_token\":\"a\",\(wordPiece),\"vocab\":{\"a\":0}}") == "")
    #expect(failure("{\"vocab\":{\"a\":0},\"merges\":[]}") == "")
    #expect(failure("{\"vocab\":{\"a\":0},\"unk_token\":\"a\"}") == "")
    #expect(failure("{}").hasPrefix("model is of type missing"))
  }

  @Test func theLineNamesThePath() throws {
    let path = NSTemporaryDirectory() + "reel-cut-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(Self.small.utf8.prefix(300)).write(to: URL(fileURLWithPath: path))
    let text = errorText { _ = try TokenizerFile.read(path) }
    #expect(text.hasPrefix("tokenizer '\(path)': line 5, column 9: "))
    #expect(text.contains("the text ends, expected "))
  }

  @Test(arguments: TokenizerFixtures.trained + TokenizerFixtures.shapes)
  func cutShortAnywhere(_ name: String) throws {
    let whole = try TokenizerFixtures.content(name)
    for length in stride(from: 0, to: whole.count, by: max(1, whole.count / 60)) {
      let text = errorText { _ = try TokenizerFile.parse(Array(whole[..<length])) }
      #expect(!text.isEmpty && !text.contains("\n"))
    }
  }

  /// Files with a few bytes changed, or with values put in other places: they are read or refused,
  /// and what is read encodes and decodes.
  @Test func damagedFilesAreSafe() throws {
    var generator = TestGenerator(state: 74)
    var read = 0
    let values = [
      "null", "0", "-1", "1e9", "[]", "{}", "\"\"", "\"\u{2581}\"", "true", "4294967296",
    ]
    let shapes = try ["llama-2", "roberta", "xlm-roberta", "clip", "bert-cased"].map {
      try TokenizerFixtures.content($0)
    }
    for round in 0..<800 {
      var bytes =
        round % 4 == 0 ? shapes[round / 4 % shapes.count] : Array(Self.small.utf8)
      if Bool.random(using: &generator) {
        // Some value becomes another one.
        let colons = bytes.indices.prefix(3000).filter { bytes[$0] == UInt8(ascii: ":") }
        let colon = colons.randomElement(using: &generator) ?? 0
        let end = bytes[colon...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") }
        let value = values.randomElement(using: &generator) ?? "0"
        bytes.replaceSubrange(colon + 1..<(end ?? colon + 1), with: Array(value.utf8))
      } else {
        for _ in 0..<2 {
          let place = Int.random(in: 0..<bytes.count, using: &generator)
          bytes[place] = UInt8.random(in: 0x20...0x7E, using: &generator)
        }
      }
      guard let tokenizer = try? TokenizerFile.parse(bytes) else { continue }
      read += 1
      for text in TextSamples.all.prefix(round % 4 == 0 ? 3 : 17) {
        _ = tokenizer.decode(tokenizer.encode(text))
        _ = tokenizer.encoding(of: text)
      }
      let content = try? tokenizer.fileContent
      if let content { #expect((try? TokenizerFile.parse(content)) != nil) }
    }
    #expect(read > 5)
  }
}
