import ReelFormats
import ReelLayers
import ReelSequence
import ReelTensor
import Testing

/// A state_dict that PyTorch saved as safetensors loads as it is, by name.
@Suite struct StateDictTests {
  struct Model: Module {
    var embedding: Embedding
    var lstm: LSTM
    var linear: Linear

    init() {
      var generator = RandomGenerator(seed: 1)
      embedding = Embedding(vocabulary: 11, dimension: 3, using: &generator)
      lstm = LSTM(inputSize: 3, hiddenSize: 4, layers: 2, using: &generator)
      linear = Linear(4, 11, using: &generator)
    }

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("embedding", &embedding)
      visitor.visit("lstm", &lstm)
      visitor.visit("linear", &linear)
    }

    func callAsFunction(_ tokens: TokenSequences) -> Sequences {
      linear(lstm(embedding(tokens)).output)
    }
  }

  @Test func logits() throws {
    var model = Model()
    try model.load(Fixture("state_dict.safetensors").tensors)
    let expected = try Fixture("state_dict_expected.safetensors").tensors
    let ids = try #require(expected["ids"])
    let rows = (0..<ids.shape[0]).map { row in
      (0..<ids.shape[1]).map { Int32(ids[row, $0]) }
    }
    expectClose(
      model(TokenSequences(rows)).padded(), try #require(expected["logits"]), "logits")
  }

  /// Everything that is wrong is said at once, and the model stays as it was.
  @Test func mismatch() throws {
    var model = Model()
    var tensors = try Fixture("state_dict.safetensors").tensors
    tensors["lstm.weight_hh_l1"] = nil
    tensors["linear.bias"] = nil
    tensors["lstm.weight_ih_l0"] = Tensor(zeros: [16, 5])
    tensors["embedding.weight"] = Tensor(zeros: [12, 3])
    tensors["lstm.weight_ih_l2"] = Tensor(zeros: [16, 4])
    tensors["extra"] = Tensor(0)
    let before = model.parameters.map(\.tensor)
    let error = #expect(throws: ParameterMismatch.self) { try model.load(tensors) }
    #expect(model.parameters.map(\.tensor) == before)
    #expect(error?.missing.sorted() == ["linear.bias", "lstm.weight_hh_l1"])
    #expect(error?.unexpected.sorted() == ["extra", "lstm.weight_ih_l2"])
    #expect(
      error?.wronglyShaped.map { "\($0.path) \($0.came) \($0.expected)" } == [
        "embedding.weight [12, 3] [11, 3]", "lstm.weight_ih_l0 [16, 5] [16, 3]",
      ])
    let text = error?.description ?? ""
    for part in [
      "linear.bias", "lstm.weight_hh_l1", "extra", "lstm.weight_ih_l2", "[12, 3]", "[11, 3]",
      "[16, 5]", "[16, 3]",
    ] {
      #expect(text.contains(part), "\(text)")
    }
    #expect(!text.contains("\n"))
  }
}
