import Reel

/// Makes a tokenizer over Unicode scalars, which is no pipeline.
struct CharacterTraining {
  let vocabulary: Int
  let minimumCount: Int

  func tokenizer(
    of files: [String], _ progress: TokenizerTrainingProgress
  ) throws -> ScalarTokenizer {
    var text: [UInt8] = []
    for file in files {
      text += try Corpus.read(file, validatingUTF8: true)
      try progress.report(.reading(bytes: text.count))
    }
    let tokenizer = try ScalarTokenizer(trainedOn: text, minimumCount: minimumCount)
    guard tokenizer.vocabularySize > vocabulary else { return tokenizer }
    // The most frequent ones come first, after the unknown token.
    return ScalarTokenizer(
      tokenizer.tokens[1..<vocabulary].flatMap { Array($0.unicodeScalars) })
  }
}
