import Foundation
import Testing

/// `reel evaluate --gold --predicted`.
@Suite struct TagFileTests {
  private let gold = """
    Ida B-PER
    Holm I-PER
    lives O
    in O
    Siena B-LOC

    Ada B-PER
    sings O

    """
  private let predicted = """
    Ida B-PER
    Holm I-PER
    lives O
    in O
    Siena B-PER

    Ada O
    sings O

    """

  @Test func measuresAndTable() throws {
    let folder = try TestFolder()
    let gold = try folder.write(gold.utf8, to: "gold")
    let predicted = try folder.write(predicted.utf8, to: "predicted")
    let evaluate = ["evaluate", "--gold", gold, "--predicted", predicted]
    let result = try Tool.run(evaluate + ["--json"], in: folder).json()
    #expect(
      result.keys.sorted() == [
        "accuracy", "per_type", "precision", "recall", "span_f1", "spans", "tokens",
      ])
    // One of two predicted spans is right, of three right ones one is found.
    func near(_ value: Any?, _ expected: Double) -> Bool {
      (value as? Double).map { abs($0 - expected) < 1e-12 } ?? false
    }
    #expect(near(result["precision"], 1 / 2) && near(result["recall"], 1 / 3))
    #expect(near(result["span_f1"], 2 / 5) && near(result["accuracy"], 5 / 7))
    let types = try #require(result["per_type"] as? [String: [String: Any]])
    #expect(near(types["PER"]?["f1"], 1 / 2) && near(types["LOC"]?["recall"], 0))
    let lines = try Tool.run(evaluate, in: folder).outputLines
    #expect(lines[0].hasPrefix("type  precision"))
    #expect(lines.contains("PER     50.00 %  50.00 %  50.00 %     2          2        1"))
    #expect(lines.last?.hasPrefix("span F1 40.00 %, precision 50.00 %, recall 33.33 %") == true)
  }

  @Test func filesThatDiffer() throws {
    let folder = try TestFolder()
    let gold = try folder.write(gold.utf8, to: "gold")
    let other = try folder.write(
      predicted.replacingOccurrences(of: "sings", with: "skates").utf8, to: "other")
    let short = try folder.write("Ida B-PER\nHolm I-PER\n".utf8, to: "short")
    let empty = try folder.write([UInt8](), to: "empty")
    func expect(_ code: Int32, _ words: String..., from arguments: [String]) throws {
      let result = try Tool.run(["evaluate"] + arguments, in: folder)
      #expect(result.code == code && result.errorLines.count == 1 && result.output == "")
      for word in words { #expect(result.error.contains(word), "\(result.error)") }
    }
    try expect(1, "line 8", "skates", "sings", from: ["--gold", gold, "--predicted", other])
    try expect(1, "short", from: ["--gold", gold, "--predicted", short])
    try expect(1, "empty", from: ["--gold", empty, "--predicted", empty])
    try expect(1, "does not exist", from: ["--gold", gold, "--predicted", folder.file("none")])
    try expect(1, "2 columns", from: ["--predicted", gold])
    try expect(64, "--gold and --predicted", from: ["--gold", gold])
    try expect(64, "--model and --corpus", from: [])
    try expect(64, "--model and --corpus", from: ["--model", folder.path])
    try expect(
      64, "--label 'x'", from: ["--gold", gold, "--predicted", gold, "--label", "x"])
  }
}
