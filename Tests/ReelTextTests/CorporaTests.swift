import Foundation
import ReelText
import Testing

/// The sets of `corpora/` that are committed are what their `SOURCE.md` says.
@Suite struct CorporaTests {
  /// `corpora/` beside `Tests/`, also where a test is built through a link to its folder.
  static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("corpora")

  private func file(_ name: String) throws -> MappedFile {
    try MappedFile(Self.folder.appendingPathComponent(name).path)
  }

  private func labelled(_ name: String) throws -> [LabelledText] {
    try LabelledTextReader(tsv: file(name)).records()
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
    let sentences = try labelled(name)
    #expect(counts(of: sentences.map(\.label)) == ["positive": each, "negative": each])
    #expect(Set(sentences.map(\.text)).count == 2 * each)
  }

  @Test func sentimentFromPatterns() throws {
    let sentences = try labelled("sentiment/patterns.tsv")
    #expect(counts(of: sentences.map(\.label)) == ["positive": 1_500, "negative": 1_500])
    #expect(Set(sentences.map(\.text)).count == 3_000)
  }

  @Test func pronunciation() throws {
    let training = try TextPairReader(tsv: file("pronunciation/train.tsv")).records()
    let test = try TextPairReader(tsv: file("pronunciation/test.tsv")).records()
    #expect(training.count == 1_674 && test.count == 185)
    let all = training + test
    #expect(Set(all.map(\.source)).count == all.count)
    #expect(Set(all.flatMap { $0.target.split(separator: " ") }).count == 38)
  }

  struct Tagged: Sendable {
    var file: String
    var documents: Int
    var sentences: Int
    var tokens: Int
    var names: [String: Int]
  }

  @Test(arguments: [
    Tagged(
      file: "entities/train.txt", documents: 20, sentences: 202, tokens: 2_040,
      names: ["PER": 84, "LOC": 95, "ORG": 53, "MISC": 50]),
    Tagged(
      file: "entities/test.txt", documents: 5, sentences: 50, tokens: 515,
      names: ["PER": 22, "LOC": 24, "ORG": 11, "MISC": 12]),
  ])
  func entities(_ expected: Tagged) throws {
    let file = try file(expected.file)
    let sentences = try ConllReader(file, format: ConllFormat(separator: .tab)).records()
    #expect(Set(sentences.map(\.document)) == Set(1...expected.documents))
    #expect(sentences.count == expected.sentences)
    #expect(sentences.map(\.tokens.count).reduce(0, +) == expected.tokens)
    let spans = try sentences.flatMap { try $0.spans(.iob2, of: file) }
    #expect(counts(of: spans.map(\.label)) == expected.names)
    // Tokens hold no white space, so the reader's default reads them too.
    #expect(try ConllReader(file).records() == sentences)
  }

  @Test func dates() throws {
    let training = try TextPairReader(tsv: file("dates/train.tsv")).records()
    let test = try TextPairReader(tsv: file("dates/test.tsv")).records()
    #expect(training.count == 10_000 && test.count == 1_000)
    let all = training + test
    #expect(Set(all.map(\.source)).count == 11_000)
    #expect(Set(all.map(\.target)).count == 11_000)
    let others = all.filter { $0.target.wholeMatch(of: /(19|20)\d\d-[01]\d-[0-3]\d/) == nil }
    #expect(others.isEmpty)
  }

  @Test func agreement() throws {
    let format = TSVFormat(columnCount: 5)
    let training = try TSVReader(file("agreement/train.tsv"), format: format).records()
    let test = try TSVReader(file("agreement/test.tsv"), format: format).records()
    #expect(training.count == 10_000 && test.count == 2_000)
    #expect(Set((training + test).map { $0.fields[1] }).count == 12_000)
    for part in [training[...], test[..<1_000], test[1_000...]] {
      let half = part.count / 2
      #expect(counts(of: part.map { $0.fields[0] }) == ["singular": half, "plural": half])
    }
    let distances = { (rows: ArraySlice<TSVRow>) in Set(rows.map { Int($0.fields[3]) ?? 0 }) }
    #expect(distances(training[...]).isSubset(of: 1...10))
    #expect(distances(test[..<1_000]).isSubset(of: 1...10))
    #expect(distances(test[1_000...]) == Set(11...25))
    let trainingAttractors = ["0": 4_566, "1": 4_255, "2": 1_132, "3": 47]
    let testAttractors = ["0": 538, "1": 678, "2": 493, "3": 203, "4": 77, "5": 11]
    #expect(counts(of: training.map { $0.fields[4] }) == trainingAttractors)
    #expect(counts(of: test.map { $0.fields[4] }) == testAttractors)
    #expect(try labelled("agreement/test.tsv").map(\.label) == test.map { $0.fields[0] })
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
