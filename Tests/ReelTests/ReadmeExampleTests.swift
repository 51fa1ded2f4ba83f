import Foundation
import Reel
import Testing

/// The README's example, compiled and run; its lines stand here and there.
struct ReadmeExampleTests {
  @Test func exampleTrainsAndWrites() throws {
    let path = DocumentedCode.path("corpora/river-plays/river-plays.txt")
    // begin README.md
    var settings = LanguageModelTraining()
    settings.epochs = 10
    settings.window = 64
    var trainer = try LanguageModelTrainer(
      corpus: Corpus.read(path), model: LanguageModelConfiguration(cell: .gru), settings: settings)
    try trainer.train(observe: { trainer, event in
      if case .evaluation(let result) = event { print(trainer.position.epoch, result.bitsPerToken) }
    })
    let sampling = Sampling(temperature: 0.7)
    print(try trainer.best.generate(prompt: "The ", length: 300, sampling: sampling, seed: 1))
    // end README.md

    #expect(trainer.position.epoch == 10)
    let loss = try #require(trainer.position.bestLoss)
    #expect(loss < 2.6, "an untrained model of this text has about 4.1 nats a character")
    let page = try trainer.best.generate(prompt: "The ", length: 300, sampling: sampling, seed: 1)
    #expect(page.unicodeScalars.count == 300)
  }

  @Test func exampleIsTheOneOfTheReadme() throws {
    let example = try #require(
      DocumentedCode.blocks(of: "README.md").first { $0.hasPrefix("import Reel\n") })
    let lines = example.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 15)
    // The document names a file of its own; the test takes a text of the project.
    #expect(lines[1] == "")
    #expect(lines[2].hasPrefix("let path = "))
    #expect(lines[3] == "")
    let rest = lines.dropFirst(4).joined(separator: "\n")
    #expect(try [rest] == DocumentedCode.regions(of: "README.md", in: #filePath))
  }
}

/// Code that stands in a document and in a test: the test compiles and runs it, and compares the
/// text of both, so that neither changes alone.
///
/// In the document it is a block fenced as `swift`. In the test it stands between two comments,
/// `// begin DOCUMENT` and `// end DOCUMENT`, at any indentation.
enum DocumentedCode {
  /// The path of a file of the repository.
  static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent(name).path
  }

  /// The Swift blocks of a document, in order.
  static func blocks(of document: String) throws -> [String] {
    try pieces(
      of: path(document), from: { $0 == "```swift" }, to: { $0 == "```" })
  }

  /// The regions of a test file that belong to a document, in order.
  static func regions(of document: String, in file: String) throws -> [String] {
    func isMarker(_ line: Substring, _ word: String) -> Bool {
      line.drop { $0 == " " } == "// \(word) \(document)"
    }
    return try pieces(of: file, from: { isMarker($0, "begin") }, to: { isMarker($0, "end") })
  }

  private static func pieces(
    of file: String, from isStart: (Substring) -> Bool, to isEnd: (Substring) -> Bool
  ) throws -> [String] {
    let text = try String(contentsOfFile: file, encoding: .utf8)
    var pieces: [String] = []
    var piece: [Substring]?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if piece == nil {
        if isStart(line) { piece = [] }
      } else if isEnd(line) {
        pieces.append(withoutIndentation(piece ?? []))
        piece = nil
      } else {
        piece?.append(line)
      }
    }
    #expect(piece == nil, "\(file): the last piece has no end")
    return pieces
  }

  private static func withoutIndentation(_ lines: [Substring]) -> String {
    let indentation =
      lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return lines.map { $0.dropFirst(min(indentation, $0.count)) }.joined(separator: "\n")
  }
}
