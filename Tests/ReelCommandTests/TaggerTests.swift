import Foundation
import Testing

@Suite struct TaggerTests {
  private let test = corpusFile("entities/test.txt")

  @Test func trainTagEvaluateDescribe() throws {
    let folder = try TestFolder()
    let trained = try Tool.run(
      folder.training(
        "tagger", on: corpusFile("entities/train.txt"), ["--validation", test, "--json"]),
      in: folder)
    #expect(trained.code == 0, "\(trained.error)")
    let result = try trained.json()
    for key in ["span_f1", "precision", "recall", "accuracy", "per_type", "best_step"] {
      #expect(result[key] != nil, "\(key)")
    }
    let model = folder.file("tagger")
    let evaluate = ["evaluate", "--model", model, "--corpus", test]
    let evaluated = try Tool.run(evaluate + ["--json"], in: folder).json()
    #expect(evaluated["span_f1"] as? Double == result["span_f1"] as? Double)
    #expect(evaluated["tokens"] as? Int == 515 && evaluated["examples"] as? Int == 50)

    // A CoNLL file comes back with the predicted tags in one more column.
    let tagged = try Tool.run(["tag", "--model", model, test], in: folder)
    #expect(tagged.code == 0 && tagged.error == "")
    let predicted = try folder.write(tagged.output.utf8, to: "predicted")
    let lines = try String(contentsOfFile: test, encoding: .utf8)
      .split(separator: "\n").map { String($0) }
    let rows = tagged.outputLines.filter { !$0.isEmpty }
    #expect(rows.count == lines.count)
    for (row, line) in zip(rows, lines) {
      #expect(row.hasPrefix(line + "\t") && row.split(separator: "\t").count == 3)
    }
    for arguments in [
      ["--gold", test, "--predicted", predicted], ["--predicted", predicted],
    ] {
      let compared = try Tool.run(["evaluate", "--json"] + arguments, in: folder)
      #expect(compared.code == 0, "\(compared.error)")
      for key in ["span_f1", "precision", "recall", "accuracy"] {
        #expect(try compared.json()[key] as? Double == evaluated[key] as? Double, "\(key)")
      }
    }
    let table = try Tool.run(
      ["evaluate", "--gold", test, "--predicted", predicted], in: folder
    ).output
    #expect(table.contains("span F1") && table.contains("PER") && table.contains("precision"))

    let described = try Tool.run(["describe", model], in: folder).output
    #expect(described.contains("a sequence tagger") && described.contains("crf"))
  }

  @Test func plainTextInEveryFormat() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("tagger")
    let text = try folder.write("Ida Holm, of Siena.\n\nIt rains.\n".utf8, to: "text")
    let tag = ["tag", "--model", model, text]
    let inline = try Tool.run(tag, in: folder)
    #expect(inline.code == 0 && inline.error == "" && inline.outputLines.count == 3)
    #expect(inline.outputLines[1] == "" && inline.outputLines[2].contains("rains."))
    let conll = try Tool.run(tag + ["--format", "conll"], in: folder).outputLines
    #expect(conll.filter { $0.split(separator: " ").count == 2 }.count == 9)
    let objects = try Tool.run(tag + ["--format", "json", "--confidence"], in: folder).jsonLines()
    #expect(objects.count == 3)
    #expect(
      objects[0]["tokens"] as? [String] == ["Ida", "Holm", ",", "of", "Siena", "."])
    #expect((objects[0]["offsets"] as? [[Int]])?.last == [18, 19])
    #expect((objects[0]["tags"] as? [String])?.count == 6)
    #expect((objects[1]["tokens"] as? [String])?.isEmpty == true)
    for span in try #require(objects[0]["spans"] as? [[String: Any]]) {
      let probability = try #require(span["probability"] as? Double)
      #expect(probability > 0 && probability <= 1)
      #expect(try #require(span["start"] as? Int) < (try #require(span["end"] as? Int)))
    }
    let best = try Tool.run(tag + ["--format", "json", "--n-best", "3"], in: folder).jsonLines()
    let taggings = try #require(best[0]["n_best"] as? [[String: Any]])
    let probabilities = taggings.compactMap { $0["probability"] as? Double }
    #expect(probabilities.count == 3 && probabilities == probabilities.sorted(by: >))
    #expect(taggings[0]["tags"] as? [String] == objects[0]["tags"] as? [String])
    let columns = try Tool.run(tag + ["--format", "conll", "--n-best", "2"], in: folder)
    #expect(columns.outputLines[0].split(separator: " ").count == 3)
    let several = try Tool.run(tag + ["--n-best", "2"], in: folder)
    #expect(several.outputLines[0].contains("\t") && several.code == 0)
  }

  @Test func coloursOnATerminalAlone() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("tagger", "--epochs", "30")
    let train = corpusFile("entities/train.txt")
    let plain = try Tool.run(
      ["tag", "--model", model, "--format", "inline", train], in: folder)
    #expect(plain.output.contains("[PER ") && !plain.output.contains("\u{1B}"))
    let shown = try Terminal.run(
      ["tag", "--model", model, "--format", "inline", train], in: folder, standardOutput: true)
    #expect(shown.contains("\u{1B}[") && shown.contains("PER") && !shown.contains("[PER "))
  }

  @Test func sentencesComeBeforeTheInputEnds() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("tagger")
    let (text, textPipe) = try ToolProcess.reading(
      pipe: { ["tag", "--model", model, "--format", "json", $0] }, in: folder)
    try textPipe.write(contentsOf: Data("Ida skates.\nThen".utf8))
    try text.waitForOutput("\"tags\":")
    #expect(!text.outputSoFar.contains("Then"))
    try textPipe.close()
    #expect(try text.wait().outputLines.count == 2)

    let (columns, columnPipe) = try ToolProcess.reading(
      pipe: { ["tag", "--model", model, "--input", "conll", $0] }, in: folder)
    try columnPipe.write(contentsOf: Data("Ida\nskates\n\nThen\n".utf8))
    try columns.waitForOutput("skates ")
    #expect(!columns.outputSoFar.contains("Then"))
    try columnPipe.close()
    let rows = try columns.wait().outputLines
    #expect(rows.map { $0.split(separator: " ").count } == [2, 2, 0, 2, 0])
  }

  @Test func aSentenceThatCannotBeReadIsNamedAndTheRestGoesOn() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("tagger")
    let bad = try folder.write(
      Array("Ida\tB-PER\n\n".utf8) + [0x61, 0xFF] + "\tO\nb\tO\n\nHolm\tB-PER\n".utf8,
      to: "bad.conll")
    let result = try Tool.run(["tag", "--model", model, bad], in: folder)
    #expect(result.code == 1 && result.errorLines.count == 1)
    #expect(result.error.contains("line 3, column 2: byte 0xFF"), "\(result.error)")
    #expect(result.output.contains("Ida\tB-PER\t") && result.output.contains("Holm\tB-PER\t"))
    let short = try folder.write("x Ida O\n\nHolm\n".utf8, to: "short.conll")
    let second = try Tool.run(
      ["tag", "--model", model, "--token-column", "2", short], in: folder)
    #expect(second.code == 1 && second.error.contains("line 3: 1 column, expected the token"))
    let text = try folder.write([0xFF, 0x0A, 0x61, 0x0A], to: "text")
    let third = try Tool.run(["tag", "--model", model, text], in: folder)
    #expect(third.code == 1 && third.outputLines == ["", "a"])
  }

  @Test func aVeryLongSentence() throws {
    let folder = try TestFolder()
    let model = try folder.trainTask("tagger")
    let text = try folder.write(
      (String(repeating: "Ida ", count: 100_000) + "\nshort\n").utf8, to: "text")
    let result = try Tool.run(["tag", "--model", model, "--format", "conll", text], in: folder)
    #expect(result.code == 0 && result.error == "")
    #expect(result.outputLines.filter { !$0.isEmpty }.count == 100_001)
  }

  @Test func pretrainedVectors() throws {
    let folder = try TestFolder()
    let vectors = try folder.write("siena 0.5 0.25 1\nrains -1 0 0.125\n".utf8, to: "vectors")
    let corpus = corpusFile("entities/train.txt")
    let arguments = [
      "train", "tagger", "--corpus", corpus, "--output", folder.file("model"), "--hidden", "4",
      "--epochs", "1", "--vectors", vectors,
    ]
    let result = try Tool.run(arguments, in: folder)
    #expect(result.code == 0, "\(result.error)")
    let described = try Tool.run(["describe", folder.file("model"), "--json"], in: folder).json()
    let settings = try #require(described["configuration"] as? [String: Any])
    #expect(settings["wordEmbeddingSize"] as? Int == 3)
    try folder.write("siena 0.5 x 1\n".utf8, to: "vectors")
    try Tool.expectError(1, "line 1", from: arguments + ["--overwrite"], in: folder)
  }

  @Test(arguments: [
    ["--no-crf", "--label-smoothing", "0.1"], ["--character-hidden", "0", "--no-capitalization"],
    ["--scheme", "bilou", "--cell", "gru", "--average", "0.9", "--word-dropout", "0"],
    ["--cased", "--minimum-count", "2", "--dropout", "0", "--layers", "2"],
  ])
  func everyOptionIsTaken(options: [String]) throws {
    let folder = try TestFolder()
    let corpus = try folder.beginning(of: "entities/train.txt", lines: 300)
    let result = try Tool.run(folder.training("tagger", on: corpus, options), in: folder)
    #expect(result.code == 0, "\(result.error)")
  }
}
