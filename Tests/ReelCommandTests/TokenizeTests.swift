import Foundation
import Testing

@Suite struct TokenizeTests {
  private func tokenize(
    _ input: String, _ arguments: String..., in folder: TestFolder? = nil
  ) throws -> ToolResult {
    let folder = try folder ?? TestFolder()
    let file = try folder.write(input.utf8, to: "input")
    return try Tool.run(["tokenize"] + arguments + [file], in: folder)
  }

  @Test func wordsNeedNoVocabulary() throws {
    let result = try tokenize("The cats' tails.\n\nTwo\r\n", "--tokenizer", "words")
    #expect(result.code == 0 && result.error == "")
    #expect(result.outputLines.count == 3)
    #expect(result.outputLines[0].hasPrefix("The\tcats"))
    #expect(result.outputLines[1] == "" && result.outputLines[2] == "Two")
    let offsets = try tokenize(
      "a bc\n", "--tokenizer", "whitespace", "--output", "offsets")
    #expect(offsets.outputLines == ["0-1 2-4"])
  }

  @Test func eachRuleCutsAtItsOwnPlaces() throws {
    let line = "e\u{301} 👍🏽\n"
    #expect(
      try tokenize(line, "--tokenizer", "graphemes").outputLines == ["e\u{301}\t \t👍🏽"])
    #expect(
      try tokenize(line, "--tokenizer", "characters").outputLines.first?
        .unicodeScalars.elementsEqual("e\t\u{301}\t \t👍\t🏽".unicodeScalars) == true)
    #expect(try tokenize(line, "--tokenizer", "whitespace").outputLines == ["e\u{301}\t👍🏽"])
    #expect(try tokenize("aé\n", "--tokenizer", "bytes").outputLines == ["97 195 169"])
  }

  @Test func jsonHasAllOfALine() throws {
    let lines = try tokenize("a é\n\"\\\t\u{1}\n", "--tokenizer", "graphemes", "--json").jsonLines()
    #expect(lines.count == 2)
    #expect(lines[0]["line"] as? Int == 1)
    #expect(lines[0]["pieces"] as? [String] == ["a", " ", "é"])
    #expect(lines[0]["offsets"] as? [[Int]] == [[0, 1], [1, 2], [2, 4]])
    #expect(lines[0]["ids"] == nil)
    #expect(lines[1]["pieces"] as? [String] == ["\"", "\\", "\t", "\u{1}"])
    let bytes = try tokenize("é\n", "--tokenizer", "bytes", "--json").json()
    #expect(bytes["ids"] as? [Int] == [0xC3, 0xA9])
    #expect(bytes["offsets"] as? [[Int]] == [[0, 1], [1, 2]])
  }

  @Test func standardInputComesBackFromIDs() throws {
    let folder = try TestFolder()
    let text = "Grüße, мир! 👩🏽‍🚀\n\n  two  spaces\n"
    try folder.write(text.utf8, to: "text")
    let result = try Tool.shell(
      "\"$REEL\" tokenize --tokenizer bytes <'\(folder.file("text"))' "
        + "| \"$REEL\" tokenize --tokenizer bytes --decode", in: folder)
    #expect(result.code == 0 && result.error == "")
    #expect(result.output.utf8.elementsEqual(text.utf8))
  }

  @Test func linesComeBeforeTheInputEnds() throws {
    let folder = try TestFolder()
    let path = folder.file("pipe")
    try #require(mkfifo(path, 0o600) == 0)
    let process = try ToolProcess(
      try Tool.path, ["tokenize", "--tokenizer", "words", "--output", "offsets", path], in: folder)
    let pipe = try #require(FileHandle(forWritingAtPath: path))
    try pipe.write(contentsOf: Data("one\ntw".utf8))
    try process.waitForOutput("0-3\n")
    try pipe.write(contentsOf: Data("o three".utf8))
    try pipe.close()
    #expect(try process.wait().output == "0-3\n0-3 4-9\n")
  }

  @Test func specialCharactersWithinPiecesAreEscaped() throws {
    let result = try tokenize("a\tb\\\u{1B}[0m\n", "--tokenizer", "graphemes")
    #expect(result.outputLines.first?.hasPrefix("a\t\\t\tb\t\\\\\t\\u{1b}\t[") == true)
  }

  @Test func aTerminalGetsColours() throws {
    let folder = try TestFolder()
    let text = try folder.write("one two\n".utf8, to: "text")
    let shown = try Terminal.run(
      ["tokenize", "--tokenizer", "words", text], in: folder, standardOutput: true)
    #expect(shown.contains("\u{1B}[") && shown.contains("one") && shown.contains("two"))
    let plain = try tokenize("one two\n", "--tokenizer", "words", in: folder)
    #expect(!plain.output.contains("\u{1B}"))
  }

  @Test func badInput() throws {
    let folder = try TestFolder()
    let good = try folder.write("a b\n".utf8, to: "good")
    let bad = try folder.write([0x61, 0x0A, 0x62, 0xFF, 0x0A], to: "bad")
    let ids = try folder.write("1 2\n3 x\n".utf8, to: "ids")
    let large = try folder.write("1 256\n".utf8, to: "large")
    let cut = try folder.write("{\"version\": \"1.0\", \"model\": {\"type\"".utf8, to: "cut.json")
    func expect(_ code: Int32, _ words: String, _ arguments: String...) throws {
      try Tool.expectError(code, words, from: ["tokenize"] + arguments, in: folder)
    }
    try expect(1, "none of the names bytes, characters", "--tokenizer", "nothing", good)
    try expect(1, "does not exist", "--tokenizer", "words", folder.file("none"))
    try expect(1, "cut.json", "--tokenizer", cut, good)
    try expect(64, "needs a vocabulary", "--tokenizer", "words", "--output", "ids", good)
    try expect(64, "reel train tokenizer --kind words", "--tokenizer", "words", "--decode", ids)
    try expect(64, "know no pairs", "--tokenizer", "words", "--pair", good)
    try expect(64, "--pair", "--tokenizer", "bytes", "--decode", "--pair", ids)
    try expect(64, "--output", "--tokenizer", "bytes", "--output", "colours", good)
    try expect(64, "--tokenizer", good)
    let result = try Tool.run(["tokenize", "--tokenizer", "words", bad], in: folder)
    #expect(result.code == 1)
    #expect(result.error.contains("line 2, column 2: byte 0xFF"), "\(result.error)")
    #expect(
      try Tool.run(["tokenize", "--tokenizer", "words", "--replace-invalid", bad], in: folder)
        .output.contains("\u{FFFD}"))
    let decoded = try Tool.run(["tokenize", "--tokenizer", "bytes", "--decode", ids], in: folder)
    #expect(decoded.code == 1 && decoded.error.contains("line 2: 'x' is no number"))
    try expect(1, "line 1: id 256 is outside", "--tokenizer", "bytes", "--decode", large)
  }
}
