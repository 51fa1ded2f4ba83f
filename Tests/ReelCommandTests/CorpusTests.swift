import Foundation
import Testing

@Suite struct CorpusTests {
  private func corpus(
    _ text: String, named name: String, _ arguments: String..., in folder: TestFolder? = nil
  ) throws -> [String: Any] {
    let folder = try folder ?? TestFolder()
    let file = try folder.write(text.utf8, to: name)
    let result = try Tool.run(["corpus", file, "--json"] + arguments, in: folder)
    #expect(result.code == 0 && result.error == "", "\(result.error)")
    return try result.json()
  }

  /// Names and counts of a list of the report.
  private func counts(_ value: Any?) throws -> [String] {
    try #require(value as? [[String: Any]]).map { entry in
      "\(entry["name"] ?? "") \(entry["count"] ?? "")"
    }
  }

  @Test func plainText() throws {
    let report = try corpus("A cat sat.\r\n\r\nThe cät\n", named: "text")
    #expect(
      report.keys.sorted() == [
        "bytes", "characters", "distinct_tokens", "file", "format", "items", "labels", "lengths",
        "lines", "most_frequent", "out_of_vocabulary", "spans", "tag_scheme", "tokenizer", "tokens",
      ])
    #expect(report["format"] as? String == "text" && report["tag_scheme"] is NSNull)
    #expect(report["lines"] as? Int == 3 && report["items"] as? Int == 2)
    #expect(report["bytes"] as? Int == 23 && report["characters"] as? Int == 22)
    #expect(report["tokens"] as? Int == 6 && report["distinct_tokens"] as? Int == 6)
    let lengths = try #require(report["lengths"] as? [String: Any])
    #expect(lengths["mean"] as? Double == 3 && lengths["most"] as? Int == 4)
    #expect((lengths["bins"] as? [[String: Int]])?.map { $0["count"] } == [1, 0, 1])
  }

  @Test func labelledRows() throws {
    let rows = "good\tA fine day.\nbad\tA grey, wet day.\ngood\tFine.\nbad\tNo.\n"
    for name in ["rows.tsv", "rows.txt"] {
      let report = try corpus(rows, named: name)
      #expect(report["format"] as? String == "tsv")
      #expect(try counts(report["labels"]) == ["bad 2", "good 2"])
      #expect(report["tokens"] as? Int == 14)
    }
    let turned = try corpus(
      "text\tlabel\na b\tx\nc\ty\n", named: "rows.tsv", "--header",
      "--label", "label", "--text", "text")
    #expect(try counts(turned["labels"]) == ["x 1", "y 1"])
    let pairs = try corpus("one\teins\ntwo\tzwei\nthree\tdrei\n", named: "pairs.tsv")
    #expect(try counts(pairs["labels"]).isEmpty && pairs["tokens"] as? Int == 6)
  }

  @Test func jsonLines() throws {
    let lines =
      #"{"text": "one two", "label": 1}"# + "\n" + #"{"text": "three", "label": 0}"# + "\n"
    let report = try corpus(lines, named: "texts")
    #expect(report["format"] as? String == "json-lines" && report["tokens"] as? Int == 3)
    #expect(try counts(report["labels"]) == ["0 1", "1 1"])
    let pairs = try corpus(
      #"{"source": "a", "target": "b c"}"#, named: "pairs.jsonl")
    #expect(pairs["tokens"] as? Int == 3)
    let alone = try corpus(#"{"text": "a b"}"#, named: "alone.jsonl")
    #expect(alone["tokens"] as? Int == 2)
  }

  @Test func taggedSentences() throws {
    let text = "-DOCSTART- O\n\nAnna B-PER\nLee I-PER\nin O\nOslo B-LOC\n\nOslo B-LOC\nagain O\n"
    let report = try corpus(text, named: "tagged")
    #expect(report["format"] as? String == "conll" && report["tag_scheme"] as? String == "IOB2")
    #expect(report["items"] as? Int == 2 && report["tokens"] as? Int == 6)
    #expect(try counts(report["spans"]) == ["LOC 2", "PER 1"])
    #expect(report["tokenizer"] as? String == "columns")
  }

  @Test func vocabularyOfAnotherCorpus() throws {
    let folder = try TestFolder()
    let train = try folder.write("red blue\ngreen\n".utf8, to: "train")
    let report = try corpus(
      "red pink\nblue grey\n", named: "test", "--vocabulary-of", train,
      in: folder)
    let unseen = try #require(report["out_of_vocabulary"] as? [String: Any])
    #expect(unseen["unknown"] as? Int == 2 && unseen["rate"] as? Double == 0.5)
    #expect(unseen["vocabulary_of"] as? String == train)
    let own = try corpus((1...20).map { "w\($0 % 10)\n" }.joined(), named: "own")
    // Lines 10 and 20 hold "w0", which no other line has.
    #expect((own["out_of_vocabulary"] as? [String: Any])?["rate"] as? Double == 1)
  }

  @Test func otherTokens() throws {
    let report = try corpus("äb\n", named: "text", "--tokenizer", "bytes", "--top", "1")
    #expect(report["tokens"] as? Int == 3)
    #expect(try counts(report["most_frequent"]).count == 1)
    #expect(
      try corpus("a b\n", named: "text", "--tokenizer", "characters")["tokens"] as? Int == 3)
  }

  @Test func aPersonReadsTablesAndAHistogram() throws {
    let folder = try TestFolder()
    let text = (1...60).map { String(repeating: "a ", count: 1 + $0 % 30) + "\n" }.joined()
    let file = try folder.write(text.utf8, to: "text")
    let plot = folder.file("plot.svg")
    let result = try Tool.run(["corpus", file, "--plot", plot], in: folder)
    #expect(result.code == 0)
    #expect(result.output.contains("median") && result.output.contains("█"))
    #expect(result.output.contains("out of vocabulary: 0.00 %"))
    #expect(result.outputLines.allSatisfy { $0.count <= 100 && !$0.hasSuffix(" ") })
    let svg = String(decoding: try folder.data("plot.svg"), as: UTF8.self)
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n") && svg.contains("tokens in a line"))
    let ascii = try Tool.shell("LC_ALL=C \"$REEL\" corpus '\(file)'", in: folder)
    #expect(ascii.output.contains("###") && !ascii.output.contains("█"))
  }

  @Test func badInput() throws {
    let folder = try TestFolder()
    func expect(
      _ code: Int32, _ words: String, _ name: String, _ content: String, _ arguments: String...
    ) throws {
      let file = try folder.write(content.utf8, to: name)
      try Tool.expectError(code, words, from: ["corpus", file] + arguments, in: folder)
    }
    try expect(1, "line 3: 1 column, expected 2", "rows.tsv", "a\tb\na\tc\nd\n")
    try expect(
      1, "line 2: IOB2 is broken: found \"I-LOC\" after \"B-PER\"", "broken.conll",
      "Anna B-PER\nLee I-LOC\n",
      "--scheme", "iob2")
    try expect(
      1, "line 6", "broken.conll",
      "Anna B-PER\nLee O\n\nx O\n\ny E-PER\nz S-LOC\nw B-LOC\nv I-LOC\n")
    try expect(1, "line 2: 1 column", "columns.conll", "Anna B-PER\nLee\n")
    try expect(1, "line 2", "objects.jsonl", "{\"text\": \"a\"}\n{\"text\": \n")
    try expect(1, "\"label\"", "keys.jsonl", "{\"text\": \"a\"}\n", "--label", "label")
    try expect(1, "is empty", "empty.txt", "")
    try expect(1, "column 7", "few.tsv", "a\tb\n", "--text", "7", "--label", "1")
    try expect(64, "--label and --target", "few.tsv", "a\tb\n", "--target", "1", "--label", "2")
    try expect(64, "csv", "few.tsv", "a\tb\n", "--format", "csv")
    try expect(64, "top -1", "few.tsv", "a\tb\n", "--top", "-1")
    try expect(64, "CoNLL columns have numbers", "some.conll", "a O\n", "--text", "word")
    let train = try folder.write("good\ta\nbad\tb\nbad\tc\ngood\td\n".utf8, to: "train.tsv")
    try expect(
      1, "line 2: unknown label \"awful\", expected one of \"bad\", \"good\"", "test.tsv",
      "good\ta\nawful\tb\ngood\tc\nawful\td\n", "--vocabulary-of", train)
    let bytes = try folder.write([0x61, 0x0A, 0x62, 0xC3, 0x0A], to: "bytes.txt")
    let result = try Tool.run(["corpus", bytes], in: folder)
    #expect(result.code == 1 && result.error.contains("line 2, column 2"), "\(result.error)")
    #expect(try Tool.run(["corpus", bytes, "--replace-invalid"], in: folder).code == 0)
    try Tool.expectError(
      1, "does not exist", from: ["corpus", folder.file("none")], in: folder)
  }
}
