import Foundation
import Testing

/// Every example, run on the corpus that comes with Reel. The bounds leave room: they tell a model
/// that has learned from one that has not.
@Suite(.serialized) struct ExampleTests {
  @Test func agreement() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("Agreement", in: folder)
    try #require(result.status == 0, "\(result.error)")
    // Columns: distance, sentences, accuracy and a percent sign for RNN, GRU, LSTM. Chance is 50.
    for distance: Substring in ["1", "4", "20"] {
      let row = try #require(result.rows.first { $0.first == distance })
      for column in [4, 6] { #expect(try #require(Double(row[column])) > 80) }
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

    try expectSameOutput("Agreement", [], in: folder)
    #expect(try folder.text("agreement.svg") == plot)
  }

  @Test func characterGeneration() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("CharacterGeneration", ["--epochs", "4"], in: folder)
    try #require(result.status == 0, "\(result.error)")
    // An untrained model needs about 4.1 nats, the frequencies of characters alone 2.9.
    #expect(try result.number(after: "held-out text:") < 2.4)
    #expect(result.output.unicodeScalars.count > 800)
    try expectSameOutput("CharacterGeneration", ["--epochs", "1", "--seed", "2"], in: folder)
  }

  @Test func tokenizeText() throws {
    let result = try ExampleProcess("TokenizeText", in: TestFolder())
    #expect(result.status == 0, "\(result.error)")
    #expect(result.output.contains("byte-bpe: ") && result.output.contains("unigram: "))
    #expect(result.output.contains("comes back as it was"))
  }

  @Test func sentimentClassification() throws {
    let folder = try TestFolder()
    let arguments = ["The waiter was rude.", "What a charming town."]
    let result = try ExampleProcess("SentimentClassification", arguments, in: folder)
    try #require(result.status == 0, "\(result.error)")
    // Chance is 50. Those written by hand are hard: naive Bayes over words gets 69.
    #expect(try result.number(after: "accuracy, patterns:") > 90)
    #expect(try result.number(after: "accuracy, by hand:") > 52)
    let answers = result.rows.suffix(2).compactMap(\.first)
    #expect(answers == ["negative", "positive"])
    try expectSameOutput(
      "SentimentClassification", ["--epochs", "1", "--seed", "2"], in: folder)
  }

  @Test func entityTagging() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess(
      "EntityTagging", ["Peter Lund sailed from Norway to Lisbon ."], in: folder)
    try #require(result.status == 0, "\(result.error)")
    let scores = try #require(result.rows.first { $0.first == "accuracy:" })
    // A tagger that has not learned finds none of the 69 names.
    #expect(try #require(scores.last.flatMap { Double($0) }) > 40)
    for type in ["LOC:", "MISC:", "ORG:", "PER:"] {
      #expect(result.rows.contains { $0.first == Substring(type) }, "\(type)")
    }
    #expect(result.output.contains("%  Lisbon"))
    try expectSameOutput("EntityTagging", ["--epochs", "2", "--seed", "2"], in: folder)
  }

  @Test func graphemeToPhoneme() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("GraphemeToPhoneme", ["shelf", "trout"], in: folder)
    try #require(result.status == 0, "\(result.error)")
    for beam in ["beam 1:", "beam 5:"] {
      #expect(try result.number(after: "\(beam) word error rate") < 20)
    }
    #expect(result.output.contains("\nshelf: SH EH L F"))
    #expect(result.output.contains("\ntrout: T R AW T"))
    try expectSameOutput("GraphemeToPhoneme", ["--epochs", "1", "--seed", "2"], in: folder)
  }

  @Test func sequenceModelsCompared() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("SequenceModelsCompared", in: folder)
    try #require(result.status == 0, "\(result.error)")
    // Numbers behind the colon: RNN, GRU, LSTM, TCN.
    func numbers(_ task: String) throws -> [Double] {
      let row = try #require(result.rows.first { $0.first == task[...] }, "\(result.output)")
      return row.compactMap { Double($0) }.suffix(4)
    }
    // Who answers 1 has an error of 0.167; guessing symbols is right at 12.5 %, digits at 10.
    let adding = try numbers("adding,")
    #expect(adding.count == 4 && adding[1...].allSatisfy { $0 < 0.05 }, "\(adding)")
    let copying = try numbers("copy,")
    #expect(copying[3] > 90, "\(copying)")
    let digits = try numbers("digits,")
    #expect(digits[1...].allSatisfy { $0 > 20 } && digits[3] > 60, "\(digits)")
    try expectSameOutput(
      "SequenceModelsCompared", ["--steps", "5", "--seed", "2"], in: folder)
  }

  @Test func vanishingGradient() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("VanishingGradient", in: folder)
    try #require(result.status == 0, "\(result.error)")
    // Columns: distance, then RNN, GRU, LSTM, TCN untrained, and the same trained.
    let row = try #require(result.rows.first { $0.first == "50" })
    let values = row.compactMap { Double($0) }
    try #require(values.count == 9)
    // The gradient of a GRU that has learned reaches back, that of the RNN does not: it has not.
    #expect(values[5] < 1e-4 && values[6] > 1e-2 && values[8] > 1e-2, "\(values)")

    let plot = try folder.text("vanishing-gradient.svg")
    #expect(plot.hasPrefix("<svg ") && plot.hasSuffix("</svg>\n"))
    #expect(plot.components(separatedBy: "<polyline").count - 1 == 4 + 2 * 4)
    #expect(plot.contains("time steps before the end") && plot.contains("TCN"))
    try expectSameOutput("VanishingGradient", ["--steps", "3", "--length", "20"], in: folder)
  }

  @Test func digitsLeNet() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("DigitsLeNet", in: folder)
    try #require(result.status == 0, "\(result.error)")
    #expect(result.output.contains("lenet-5: 60000 parameters"))
    for row in result.rows {
      let place = try #require(row.firstIndex(of: "wrong"))
      #expect(try #require(Double(row[place + 1])) < 15, "\(row)")
    }
    try expectSameOutput("DigitsLeNet", ["--epochs", "1", "--seed", "2"], in: folder)
  }

  @Test func segmentationUNet() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("SegmentationUNet", in: folder)
    try #require(result.status == 0, "\(result.error)")
    // Who answers background everywhere has a mean IoU of about 0.2.
    #expect(try result.number(after: "mean IoU:") > 0.4)
    let picture = try Data(contentsOf: URL(fileURLWithPath: folder.file("segmentation.png")))
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
    try expectSameOutput("SegmentationUNet", ["--epochs", "1", "--seed", "2"], in: folder)
  }

  @Test func transferLearning() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("TransferLearning", in: folder)
    try #require(result.status == 0, "\(result.error)")
    // Columns: images, then a percentage and its sign for each way; chance is 20.
    for row in result.rows.suffix(3) {
      let shares = row.dropFirst().compactMap { Double($0) }
      #expect(shares.count == 3 && shares.allSatisfy { $0 > 35 }, "\(row)")
    }
  }

  @Test func plainVersusResidual() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("PlainVersusResidual", in: folder)
    try #require(result.status == 0, "\(result.error)")
    func loss(_ name: Substring) throws -> Double {
      let row = try #require(result.rows.first { $0.first == name })
      return try #require(Double(row[2]))
    }
    // Depth hurts a plain network and helps one with shortcuts.
    #expect(try loss("plain-26") > loss("plain-8"))
    #expect(try loss("residual-26") < loss("plain-26"))
    let plot = try folder.text("plain-versus-residual.svg")
    #expect(plot.components(separatedBy: "<polyline").count - 1 == 4 + 2 * 4)
    #expect(plot.contains("residual-26") && plot.contains("epoch"))
    try expectSameOutput("PlainVersusResidual", ["--epochs", "1", "--depths", "8"], in: folder)
  }

  @Test func learnedFilters() throws {
    let folder = try TestFolder()
    let result = try ExampleProcess("LearnedFilters", in: folder)
    try #require(result.status == 0, "\(result.error)")
    let untrained = try result.number(after: "likeness to a Gabor function:")
    let trained = try result.number(after: "untrained,")
    #expect(trained > untrained + 0.1, "\(result.output)")
    let picture = try Data(contentsOf: URL(fileURLWithPath: folder.file("filters.png")))
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
  }

  @Test(arguments: [
    "CharacterGeneration", "DigitsLeNet", "EntityTagging", "GraphemeToPhoneme", "LearnedFilters",
    "PlainVersusResidual", "SegmentationUNet", "SentimentClassification",
    "SequenceModelsCompared", "TransferLearning", "VanishingGradient",
  ])
  func unknownOptionsAreRefused(_ name: String) throws {
    let result = try ExampleProcess(name, ["--frobnicate"], in: TestFolder())
    #expect(result.status == 64 && result.error.hasPrefix("Error: Unknown option"))
  }

  private func expectSameOutput(
    _ name: String, _ arguments: [String], in folder: TestFolder
  ) throws {
    let first = try ExampleProcess(name, arguments, in: folder)
    #expect(first.status == 0, "\(first.error)")
    #expect(try ExampleProcess(name, arguments, in: folder).output == first.output)
  }
}
