import Foundation
import Testing

@Suite struct TrainTokenizerTests {
  private static let kinds = [
    "bpe", "byte-bpe", "wordpiece", "unigram", "words", "whitespace", "graphemes", "characters",
  ]

  private func arguments(
    _ kind: String, _ more: String..., in folder: TestFolder, output: String = "tokenizer.json"
  ) -> [String] {
    [
      "train", "tokenizer", "--kind", kind, "--vocabulary", "60", "--corpus", folder.file("text"),
      "--output", folder.file(output),
    ] + more
  }

  @Test(arguments: kinds)
  func trainsAndTokenizes(kind: String) throws {
    let folder = try TestFolder.withCorpus()
    let trained = try Tool.run(arguments(kind, "--json", in: folder), in: folder)
    #expect(trained.code == 0, "\(trained.error)")
    let result = try trained.json()
    #expect(
      result.keys.sorted() == [
        "bytes", "bytes_per_token", "corpus", "kind", "seconds", "tokenizer", "tokens",
        "unknown_rate", "unknown_tokens", "vocabulary",
      ])
    #expect(result["kind"] as? String == kind)
    let vocabulary = try #require(result["vocabulary"] as? Int)
    #expect(vocabulary > 5 && vocabulary <= (kind == "byte-bpe" ? 257 : 60))
    #expect(result["unknown_tokens"] as? Int == 0)

    try folder.write("The miller sees a bell.\n".utf8, to: "line")
    let line = folder.file("line")
    let tokenizer = folder.file("tokenizer.json")
    let ids = try Tool.run(["tokenize", "--tokenizer", tokenizer, line], in: folder)
    #expect(ids.code == 0 && ids.outputLines.count == 1, "\(ids.error)")
    let numbers = try #require(ids.outputLines.first).split(separator: " ").map { Int($0) }
    #expect(
      !numbers.isEmpty && numbers.allSatisfy { $0.map { $0 >= 0 && $0 < vocabulary } ?? false })
    try folder.write(ids.output.utf8, to: "ids")
    let text = try Tool.run(
      ["tokenize", "--tokenizer", tokenizer, "--decode", folder.file("ids")], in: folder)
    #expect(text.code == 0)
    let letters = text.output.lowercased().filter(\.isLetter)
    #expect(letters.contains("themillerseesabell"), "\(text.output)")
  }

  @Test func theSameTextsGiveTheSameFile() throws {
    let folder = try TestFolder.withCorpus()
    for kind in ["byte-bpe", "unigram"] {
      for output in ["one", "two"] {
        #expect(try Tool.run(arguments(kind, in: folder, output: output), in: folder).code == 0)
      }
      #expect(try folder.data("one") == folder.data("two"))
      try FileManager.default.removeItem(atPath: folder.file("one"))
      try FileManager.default.removeItem(atPath: folder.file("two"))
    }
  }

  @Test func optionsAreHeeded() throws {
    let folder = try TestFolder.withCorpus()
    let result = try Tool.run(
      arguments(
        "bpe", "--lowercase", "--strip-accents", "--normalization", "NFKC", "--minimum-frequency",
        "3", "--special-tokens", "<pad>", "<unk>", "<s>", in: folder), in: folder)
    #expect(result.code == 0, "\(result.error)")
    #expect(result.output.contains("bytes per token") && result.output.contains("tokenizer.json"))
    try folder.write("THÉ \u{FF4D}iller <s>\n".utf8, to: "line")
    let lines = try Tool.run(
      ["tokenize", "--tokenizer", folder.file("tokenizer.json"), "--json", folder.file("line")],
      in: folder
    ).json()
    let pieces = try #require(lines["pieces"] as? [String])
    #expect(pieces.joined().hasPrefix("▁the▁miller"), "\(pieces)")
    #expect((lines["ids"] as? [Int])?.last == 2)
  }

  @Test func specialTokensAndPairs() throws {
    let folder = try TestFolder.withCorpus()
    #expect(try Tool.run(arguments("wordpiece", in: folder), in: folder).code == 0)
    let tokenizer = ["tokenize", "--tokenizer", folder.file("tokenizer.json")]
    let pair = try folder.write("the river\ta bell\n".utf8, to: "pair")
    let both = try Tool.run(tokenizer + ["--pair", "--json", pair], in: folder).json()
    let pieces = try #require(both["pieces"] as? [String])
    #expect(pieces.first == "[CLS]" && pieces.filter { $0 == "[SEP]" }.count == 2)
    let types = try #require(both["type_ids"] as? [Int])
    #expect(types.first == 0 && types.last == 1)
    let mask = try #require(both["special_tokens_mask"] as? [Int])
    #expect(zip(pieces, mask).allSatisfy { $0.hasPrefix("[") == ($1 == 1) })

    let line = try folder.write("the river\n".utf8, to: "line")
    let ids = try Tool.run(tokenizer + [line], in: folder)
    let plain = try Tool.run(tokenizer + ["--no-special-tokens", line], in: folder)
    #expect(ids.output.split(separator: " ").count == plain.output.split(separator: " ").count + 2)
    let file = try folder.write(ids.output.utf8, to: "ids")
    #expect(
      try Tool.run(tokenizer + ["--decode", file], in: folder).output == "[CLS] the river [SEP]\n")
    #expect(
      try Tool.run(tokenizer + ["--decode", "--no-special-tokens", file], in: folder).output
        == "the river\n")
    try Tool.expectError(
      1, "line 1: 1 column, 2 with a tab between", from: tokenizer + ["--pair", line], in: folder)
  }

  @Test func tokenizersThatAreDamaged() throws {
    let folder = try TestFolder.withCorpus()
    #expect(
      try Tool.run(arguments("byte-bpe", "--vocabulary", "300", in: folder), in: folder).code == 0)
    let line = try folder.write("the river\n".utf8, to: "line")
    let file = String(decoding: try folder.data("tokenizer.json"), as: UTF8.self)
    func expect(_ words: String, _ content: String) throws {
      let path = try folder.write(content.utf8, to: "damaged.json")
      for command in [
        ["tokenize", "--tokenizer", path, line],
        folder.training("--tokenizer", path),
      ] {
        try Tool.expectError(1, words, from: command, in: folder)
      }
    }
    try expect("the text ends", String(file.dropLast(file.count / 2)))
    try expect("is empty", "")
    try expect(
      "which the vocabulary lacks",
      file.replacingOccurrences(of: "\"merges\": [", with: "\"merges\": [\"zz qq\", "))
    try expect(
      "Sparkle", file.replacingOccurrences(of: "\"type\": \"BPE\"", with: "\"type\": \"Sparkle\""))
  }

  @Test func severalTextsAreOneCorpus() throws {
    let folder = try TestFolder.withCorpus()
    let other = try folder.write("zebra zebra zebra zebra\n".utf8, to: "other")
    let result = try Tool.run(
      [
        "train", "tokenizer", "--kind", "words", "--corpus", folder.file("text"), other,
        "--output", folder.file("tokenizer.json"), "--json",
      ], in: folder)
    #expect(try result.json()["corpus"] as? [String] == [folder.file("text"), other])
    let file = String(decoding: try folder.data("tokenizer.json"), as: UTF8.self)
    #expect(file.contains("zebra") && file.contains("miller"))
  }

  @Test func badInput() throws {
    let folder = try TestFolder.withCorpus()
    let bad = try folder.write([0x61, 0x0A, 0xFF, 0x0A], to: "bad")
    let empty = try folder.write([], to: "empty")
    func expect(_ code: Int32, _ words: String, _ arguments: [String]) throws {
      try Tool.expectError(code, words, from: arguments, in: folder)
      #expect(!FileManager.default.fileExists(atPath: folder.file("tokenizer.json")))
    }
    func corpus(_ path: String) -> [String] {
      [
        "train", "tokenizer", "--kind", "bpe", "--output", folder.file("tokenizer.json"),
        "--corpus",
      ]
        + [path]
    }
    try expect(64, "magic", arguments("magic", in: folder))
    try expect(64, "vocabulary 0", arguments("bpe", "--vocabulary", "0", in: folder))
    try expect(
      64, "minimum-frequency -1", arguments("bpe", "--minimum-frequency", "-1", in: folder))
    try expect(64, "NFX", arguments("bpe", "--normalization", "NFX", in: folder))
    try expect(64, "corpus", ["train", "tokenizer", "--kind", "bpe", "--output", "x"])
    try expect(1, "does not exist", corpus(folder.file("none")))
    try expect(1, "line 2", corpus(bad))
    try expect(1, "empty", corpus(empty))
    try expect(1, "directory", corpus(folder.path))
    let there = try folder.write([1], to: "there")
    try Tool.expectError(
      1, "is there already", from: arguments("bpe", in: folder, output: "there"), in: folder)
    #expect(try folder.data("there") == Data([1]))
    try Tool.expectError(
      1, "none/x", from: arguments("bpe", in: folder, output: "none/x"), in: folder)
    _ = there
    #expect(
      try Tool.run(arguments("bpe", "--overwrite", in: folder, output: "there"), in: folder).code
        == 0)
  }

  /// The second text is a pipe that nobody has written to: the tool waits there until the signal has
  /// come, however slow or fast the machine is.
  @Test(arguments: ["bpe", "unigram"])
  func ctrlCLeavesNothing(kind: String) throws {
    let folder = try TestFolder.withCorpus(sentences: 400)
    try folder.write([1], to: "there")
    let pipe = folder.file("pipe")
    try #require(mkfifo(pipe, 0o600) == 0)
    let process = try ToolProcess(
      try Tool.path,
      [
        "train", "tokenizer", "--kind", kind, "--output", folder.file("there"), "--overwrite",
        "--corpus", folder.file("text"), pipe,
      ], in: folder)
    let writer = try Self.openForWriting(pipe)
    process.signal(SIGINT)
    _ = "more text\n".utf8CString.withUnsafeBytes { write(writer, $0.baseAddress, 10) }
    close(writer)
    let result = try process.wait()
    #expect(result.code == 130)
    #expect(result.error.contains("nothing was written"))
    #expect(try folder.data("there") == Data([1]))
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(!left.contains { $0.hasSuffix(".tmp") })
  }

  /// The writing end of a named pipe, as soon as somebody reads it; waits a minute at most.
  private static func openForWriting(_ pipe: String) throws -> Int32 {
    for _ in 0..<6000 {
      let end = open(pipe, O_WRONLY | O_NONBLOCK)
      if end >= 0 { return end }
      usleep(10_000)
    }
    return try #require(nil, "nobody reads \(pipe)")
  }

  @Test func aTerminalGetsABar() throws {
    let folder = try TestFolder.withCorpus(sentences: 4000)
    let shown = try Terminal.run(
      arguments("byte-bpe", in: folder), in: folder, standardOutput: false)
    #expect(shown.contains("━") && shown.contains("\r"))
  }
}
