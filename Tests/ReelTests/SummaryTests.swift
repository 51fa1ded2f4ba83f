import Reel
import Testing

@Suite struct SummaryTests {
  private func layers(_ configuration: LanguageModelConfiguration) throws -> [LayerSummary] {
    var generator = RandomGenerator(seed: 1)
    let model = try LanguageModel(configuration, tokenizer: ByteTokenizer(), using: &generator)
    let layers = model.layers
    #expect(layers.reduce(0) { $0 + $1.parameters } == model.network.parameterCount)
    return layers
  }

  @Test func countsAreThoseOfTheEquations() throws {
    let layers = try layers(
      LanguageModelConfiguration(
        tokens: .bytes, cell: .lstm, hiddenSize: 10, layers: 2, embeddingSize: 7))
    #expect(layers.map(\.name) == ["embedding", "recurrent.l0", "recurrent.l1", "head"])
    #expect(layers.map(\.outputShape) == ["[B, T, 7]", "[B, T, 10]", "[B, T, 10]", "[B, T, 256]"])
    #expect(layers.map(\.multiplyAdds) == [0, 40 * 17, 40 * 20, 2560])
    #expect(layers.map(\.parameters) == [256 * 7, 40 * 19, 40 * 22, 2816])
  }

  @Test func oneHotRowsAreLookedUp() throws {
    let layers = try layers(
      LanguageModelConfiguration(
        tokens: .bytes, cell: .gru, hiddenSize: 10, layers: 1, embeddingSize: 0))
    #expect(layers.map(\.name) == ["recurrent.l0", "head"])
    #expect(layers.map(\.multiplyAdds) == [300, 2560])
  }

  @Test(arguments: EncoderKind.allCases)
  func everyParameterIsCounted(cell: EncoderKind) throws {
    _ = try layers(
      LanguageModelConfiguration(
        tokens: .bytes, cell: cell, hiddenSize: 10, layers: 12, embeddingSize: 3))
  }
}
