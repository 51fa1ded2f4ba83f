import Foundation
import Reel
import Testing

@Suite struct ModelFolderTests {
  private static let files = ["config.json", "model.safetensors", "tokenizer.json"]

  private func makeModel(
    _ configuration: LanguageModelConfiguration, text: String = "abcdé \n"
  ) throws -> LanguageModel {
    var generator = RandomGenerator(seed: 8)
    let tokenizer: any Tokenizer =
      switch configuration.tokens {
      case .bytes: ByteTokenizer()
      case .characters: ScalarTokenizer(trainedOn: text)
      default:
        try TokenizerPipeline.train(
          TokenizerTraining(configuration.tokens, vocabularySize: 300), on: [text])
      }
    return try LanguageModel(configuration, tokenizer: tokenizer, using: &generator)
  }

  @Test(arguments: EncoderKind.allCases, TokenizerKind.allCases)
  func comesBackWithTheSameBytes(cell: EncoderKind, tokens: TokenizerKind) throws {
    let model = try makeModel(smallModel(cell, tokens: tokens, embedding: tokens == .bytes ? 0 : 6))
    try withTemporaryFolder { folder in
      let (first, second) = (folder + "/deep/first", folder + "/second/")
      try model.save(to: first)
      let read = try LanguageModel(folder: first)
      #expect(read.configuration == model.configuration)
      #expect(bits(read) == bits(model))
      #expect(
        try read.generate(prompt: "ab", length: 30, seed: 2)
          == model.generate(prompt: "ab", length: 30, seed: 2))
      try read.save(to: second)
      for name in Self.files {
        #expect(try contents(first + "/" + name) == contents(second + name), "\(name)")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: first).sorted() == Self.files)
    }
  }

  /// What a folder without the file, with it cut short, or with other contents says.
  private func error(_ change: (String) throws -> Void) throws -> String {
    try withTemporaryFolder { folder in
      try makeModel(smallModel()).save(to: folder)
      try change(folder)
      let error = try #require(errorText { _ = try LanguageModel(folder: folder) })
      #expect(!error.contains("\n"), "one line: \(error)")
      return error
    }
  }

  private func replace(_ old: String, with new: String, in path: String) throws {
    let text = String(decoding: try contents(path), as: UTF8.self)
    #expect(text.contains(old))
    try text.replacingOccurrences(of: old, with: new)
      .write(toFile: path, atomically: true, encoding: .utf8)
  }

  @Test(arguments: files)
  func aMissingFileIsNamed(name: String) throws {
    #expect(
      try error { try FileManager.default.removeItem(atPath: $0 + "/" + name) }.contains(name))
  }

  @Test(arguments: files, [0.0, 0.5, 0.99])
  func aFileCutShortIsNamed(name: String, share: Double) throws {
    let text = try error { folder in
      let data = try contents(folder + "/" + name)
      // The last byte of config.json is a line end, which may go.
      let kept = data.prefix(min(Int(Double(data.count) * share), data.count - 3))
      try kept.write(to: URL(fileURLWithPath: folder + "/" + name))
    }
    #expect(text.contains(name))
  }

  @Test func aFolderThatIsNoneIsNamed() throws {
    try withTemporaryFolder { folder in
      for path in [folder + "/none", "/dev/null", ""] {
        let text = try #require(errorText { _ = try LanguageModel(folder: path) })
        #expect(text.contains("no model folder '\(path)'"))
      }
    }
  }

  @Test func anotherVersionOrFormatIsRefused() throws {
    let version = try error {
      try replace("\"version\" : 1", with: "\"version\" : 7", in: $0 + "/config.json")
    }
    #expect(version.contains("version 7") && version.contains("version 1"))
    let format = try error {
      try replace("reel-language-model", with: "reel-tagger", in: $0 + "/config.json")
    }
    #expect(format.contains("'reel-tagger'") && format.contains("'reel-language-model'"))
  }

  @Test func settingsThatCannotBeAreQuoted() throws {
    let path = "/config.json"
    #expect(
      try error { try replace("\"hiddenSize\" : 20", with: "\"hiddenSize\" : 0", in: $0 + path) }
        .contains("hidden size 0"))
    #expect(
      try error { try replace("\"lstm\"", with: "\"gpt\"", in: $0 + path) }.contains("gpt"))
    #expect(
      try error { try replace("\"hiddenSize\" : 20,", with: "", in: $0 + path) }
        .contains("hiddenSize"))
  }

  @Test func filesThatDoNotFitEachOtherAreRefused() throws {
    let kinds = try error {
      try AtomicFile.write(ByteTokenizer().fileContent, to: $0 + "/tokenizer.json")
    }
    #expect(kinds.contains("characters") && kinds.contains("bytes"))
    let shapes = try error {
      try replace("\"hiddenSize\" : 20", with: "\"hiddenSize\" : 21", in: $0 + "/config.json")
    }
    #expect(shapes.contains("model.safetensors") && shapes.contains("20"))
    let vocabulary = try error {
      try AtomicFile.write(
        ScalarTokenizer(trainedOn: "abcdefghijkl").fileContent, to: $0 + "/tokenizer.json")
    }
    #expect(vocabulary.contains("head.weight"))
  }

  @Test func aPlaceThatCannotBeWrittenIsNamed() throws {
    let model = try makeModel(smallModel())
    let text = try #require(errorText { try model.save(to: "/dev/null/model") })
    #expect(text.contains("/dev/null/model") && !text.contains("\n"))
  }
}
