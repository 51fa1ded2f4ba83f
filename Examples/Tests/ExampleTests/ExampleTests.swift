import Foundation
import Testing

/// Every example, run on the corpus that comes with Reel. The bounds leave room: they tell a model
/// that has learned from one that has not.
@Suite(.serialized) struct ExampleTests {
  @Test func agreement() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("Agreement", in: folder)
    try #require(result.status == 0, "\(result.error)")
    let near = try #require(result.rows.first { $0.first == "1–10" })
    let far = try #require(result.rows.first { $0.first == "11–25" })
    // Columns: name, then accuracy and a percent sign for RNN, GRU, LSTM. Chance is 50.
    for row in [near, far] {
      for column in [3, 5] { #expect(try #require(Double(row[column])) > 85) }
    }
    // At 25 words the gradient of the RNN has vanished, and those of GRU and LSTM have not.
    let last = try #require(result.rows.first { $0.first == "25" })
    let gradients = last.suffix(3).compactMap { Double($0) }
    try #require(gradients.count == 3)
    #expect(gradients[0] * 10 < gradients[1] && gradients[0] * 10 < gradients[2])

    let plot = try folder.text("agreement.svg")
    #expect(plot.hasPrefix("<svg ") && plot.hasSuffix("</svg>\n"))
    #expect(plot.components(separatedBy: "<polyline").count - 1 == 3 + 2 * 3)
    #expect(plot.contains("words from the subject to the verb") && plot.contains("LSTM"))
    #expect(plot.contains("prefers-color-scheme: dark"))

    let again = try ExampleProcess("Agreement", in: folder)
    #expect(again.output == result.output)
    #expect(try folder.text("agreement.svg") == plot)
  }

  @Test func characterGeneration() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("CharacterGeneration", ["--epochs", "5"], in: folder)
    try #require(result.status == 0, "\(result.error)")
    // An untrained model needs about 4.1 nats, the frequencies of characters alone 2.9.
    #expect(try result.number(after: "held-out text:") < 2.4)
    #expect(result.output.unicodeScalars.count > 800)
    let other = try ExampleProcess(
      "CharacterGeneration", ["--epochs", "1", "--seed", "2"], in: folder)
    let same = try ExampleProcess(
      "CharacterGeneration", ["--epochs", "1", "--seed", "2"], in: folder)
    #expect(other.output == same.output && other.output != result.output)
  }

  @Test func tokenizeText() throws {
    let result = try ExampleProcess("TokenizeText", in: TestFolder())
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("byte-bpe: ") && result.output.contains("unigram: "))
    #expect(result.output.contains("comes back as it was"))
  }
}
