import ReelText
import Testing

@Suite struct UnigramScoresTests {
  /// What the tokenizers package makes of scores in a file.
  @Test func scoresAreAddedAsTheLibraryReadsThem() throws {
    let written = [
      -3.9970344084746205, -7.2291414232580795, -7.3960871057498645, -1.5, 0, -0.0001, 20.25, -1e-7,
      1e22, -5.0123456789012345e-9,
    ]
    let read = [
      -3.997034408474621, -7.22914142325808, -7.396087105749864, -1.5, 0, -0.0001, 20.25, -1e-7,
      1e22, -5.0123456789012355e-9,
    ]
    let tokens = (0..<UInt8(written.count)).map { [0x61 + $0] }
    let model = try UnigramModel(tokens: tokens, scores: written, unknownID: nil)
    #expect(model.scores == written)
    #expect(model.addedScores == read)
  }
}
