import Foundation
import ReelText
import Testing

/// The sets of `corpora/` that are committed are what their `SOURCE.md` says.
@Suite struct CorporaTests {
  /// `corpora/` beside `Tests/`, also where a test is built through a link to its folder.
  static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("corpora")

  private func lines(_ name: String) throws -> [Substring] {
    let bytes = try Corpus.read(Self.folder.appendingPathComponent(name).path)
    let text = try #require(String(validating: bytes, as: UTF8.self), "\(name) is not UTF-8")
    #expect(text.hasSuffix("\n") && !text.utf8.contains(UInt8(ascii: "\r")))
    return text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
  }

  private func rows(_ name: String, columns: Int) throws -> [[String]] {
    let rows = try lines(name).map { $0.split(separator: "\t").map(String.init) }
    #expect(Set(rows.map(\.count)) == [columns])
    return rows
  }

  private func counts(of labels: [String]) -> [String: Int] {
    labels.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  @Test func riverPlays() throws {
    let bytes = try Corpus.read(
      Self.folder.appendingPathComponent("river-plays/river-plays.txt").path)
    #expect(bytes.count == 53_502)
    #expect(Set(bytes).count == 61 && bytes.max() ?? 0xFF < 0x80)
  }

  @Test(arguments: [("sentiment/train.tsv", 160), ("sentiment/test.tsv", 40)])
  func sentiment(name: String, each: Int) throws {
    let rows = try rows(name, columns: 2)
    #expect(rows.count == 2 * each)
    #expect(counts(of: rows.map { $0[0] }) == ["positive": each, "negative": each])
    #expect(Set(rows.map { $0[1] }).count == rows.count)
  }

  @Test(arguments: [
    (
      "entities/train.txt", 20, 202, 2_040,
      ["B-PER": 84, "B-LOC": 95, "B-ORG": 53, "B-MISC": 50]
    ),
    ("entities/test.txt", 5, 50, 515, ["B-PER": 22, "B-LOC": 24, "B-ORG": 11, "B-MISC": 12]),
  ])
  func entities(
    name: String, documents: Int, sentences: Int, tokens: Int, names: [String: Int]
  ) throws {
    let blocks = try lines(name).split(separator: "").map { block in
      block.map { $0.split(separator: "\t").map(String.init) }
    }
    let marks = blocks.filter { $0 == [["-DOCSTART-", "O"]] }
    #expect(marks.count == documents)
    let found = blocks.filter { $0[0][0] != "-DOCSTART-" }
    #expect(found.count == sentences)
    #expect(found.joined().count == tokens)
    for sentence in found {
      var previous = "O"
      for token in sentence {
        #expect(token.count == 2)
        let tag = token[1]
        // IOB2: I- only goes on with a name of the same kind.
        #expect(!tag.hasPrefix("I-") || previous.dropFirst(2) == tag.dropFirst(2))
        previous = tag
      }
    }
    let begun = found.joined().map { $0[1] }.filter { $0.hasPrefix("B-") }
    #expect(counts(of: begun) == names)
  }

  @Test func dates() throws {
    let training = try rows("dates/train.tsv", columns: 2)
    let test = try rows("dates/test.tsv", columns: 2)
    #expect(training.count == 10_000 && test.count == 1_000)
    let all = training + test
    #expect(Set(all.map { $0[0] }).count == 11_000)
    #expect(Set(all.map { $0[1] }).count == 11_000)
    let others = all.filter { $0[1].wholeMatch(of: /(19|20)\d\d-[01]\d-[0-3]\d/) == nil }
    #expect(others.isEmpty)
  }

  @Test func agreement() throws {
    let training = try rows("agreement/train.tsv", columns: 5)
    let test = try rows("agreement/test.tsv", columns: 5)
    #expect(training.count == 10_000 && test.count == 2_000)
    #expect(Set((training + test).map { $0[1] }).count == 12_000)
    for part in [training[...], test[..<1_000], test[1_000...]] {
      let half = part.count / 2
      #expect(counts(of: part.map { $0[0] }) == ["singular": half, "plural": half])
    }
    let distances = { (rows: ArraySlice<[String]>) in Set(rows.map { Int($0[3]) ?? 0 }) }
    #expect(distances(training[...]).isSubset(of: 1...10))
    #expect(distances(test[..<1_000]).isSubset(of: 1...10))
    #expect(distances(test[1_000...]) == Set(11...25))
    let trainingAttractors = ["0": 4_566, "1": 4_255, "2": 1_132, "3": 47]
    let testAttractors = ["0": 538, "1": 678, "2": 493, "3": 203, "4": 77, "5": 11]
    #expect(counts(of: training.map { $0[4] }) == trainingAttractors)
    #expect(counts(of: test.map { $0[4] }) == testAttractors)
  }

  static let hasPython = (try? run("python3", ["--version"])) == 0

  /// The files are what the committed scripts write, byte for byte.
  @Test(.enabled(if: hasPython, "needs python3"), arguments: ["dates", "agreement"])
  func generatedFilesAreReproduced(name: String) throws {
    let script = Self.folder.appendingPathComponent("\(name)/generate.py").path
    #expect(try Self.run("python3", [script, "--check"]) == 0)
  }

  @Test(.enabled(if: hasPython, "needs python3"))
  func theListOfCorporaNeedsNoNetwork() throws {
    let script = Self.folder.appendingPathComponent("get").path
    #expect(try Self.run("python3", [script]) == 0)
    #expect(try Self.run("python3", [script, "nothing"]) == 1)
    #expect(try Self.run("python3", [script, "--help"]) == 64)
  }

  private static func run(_ tool: String, _ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [tool] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
