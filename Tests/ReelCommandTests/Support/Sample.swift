import Reel

/// Text of a small grammar, about 27 characters a sentence.
func sampleText(_ sentences: Int = 120) -> String {
  var generator = RandomGenerator(seed: 4)
  var text = ""
  for _ in 0..<sentences {
    for words in [
      ["The miller", "A clerk"], [" sees", " hears"], [" the river.\n", " a bell.\n"],
    ] {
      text += words[Int.random(in: words.indices, using: &generator)]
    }
  }
  return text
}

extension TestFolder {
  /// A folder with a corpus `text`.
  static func withCorpus(sentences: Int = 120) throws -> TestFolder {
    let folder = try TestFolder()
    try folder.write(sampleText(sentences).utf8, to: "text")
    return folder
  }

  /// Arguments of a training that takes milliseconds, into `model`.
  func training(_ more: String..., model: String = "model") -> [String] {
    [
      "train", "language-model", "--corpus", file("text"), "--output", file(model), "--hidden",
      "16", "--embedding", "8", "--batch", "4", "--window", "16", "--epochs", "2", "--schedule",
      "constant", "--learning-rate", "0.01", "--dropout", "0.1",
    ] + more
  }

  /// Trains `model`, which must go well.
  func train(_ more: String...) throws {
    let arguments = training() + more
    let result = try Tool.run(arguments, in: self)
    if result.code != 0 { throw TrainingFailed(message: result.error) }
  }

  private struct TrainingFailed: Error { let message: String }
}
