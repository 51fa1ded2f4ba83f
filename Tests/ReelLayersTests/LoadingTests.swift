import ReelLayers
import ReelTensor
import Testing

@Suite struct LoadingTests {
  private func named(_ module: some Module) -> [(name: String, tensor: Tensor)] {
    module.parameters.map { (name: $0.path, tensor: $0.tensor) }
  }

  @Test func byNameInAnyOrder() throws {
    let source = Sample(seed: 1)
    var target = Sample(seed: 2)
    #expect(target.head.weight != source.head.weight)
    try target.load(Array(named(source).reversed()))
    #expect(target.parameters.map(\.tensor) == source.parameters.map(\.tensor))
    // What was loaded is a value: a later change stays here.
    target.head.weight.withMutableValues { $0[0] = 99 }
    #expect(source.head.weight[0, 0] != 99)
  }

  @Test func everythingThatIsWrongAtOnceAndNothingChanges() throws {
    var target = Sample()
    let before = target.parameters.map(\.tensor)
    var tensors = named(Sample(seed: 3)).filter { $0.name != "scale" && $0.name != "head.bias" }
    let index = try #require(tensors.firstIndex { $0.name == "embedding.weight" })
    tensors[index].tensor = Tensor(zeros: [7, 4])
    tensors.append((name: "head.weigth", tensor: Tensor(1)))
    tensors.append((name: "extra", tensor: Tensor(1)))
    let error = #expect(throws: ParameterMismatch.self) { try target.load(tensors) }
    #expect(error?.missing == ["scale", "head.bias"])
    #expect(error?.unexpected == ["head.weigth", "extra"])
    #expect(error?.wronglyShaped.map(\.path) == ["embedding.weight"])
    #expect(error?.wronglyShaped.first?.came == [7, 4])
    #expect(error?.wronglyShaped.first?.expected == [6, 4])
    let line = error?.description ?? ""
    #expect(!line.contains("\n"))
    for part in [
      "scale", "head.bias", "head.weigth", "extra", "embedding.weight [7, 4], expected [6, 4]",
    ] {
      #expect(line.contains(part))
    }
    #expect(target.parameters.map(\.tensor) == before)
  }

  @Test func aTransposedShapeIsNoMatch() {
    var generator = RandomGenerator(seed: 1)
    var layer = Linear(2, 3, bias: false, using: &generator)
    #expect(throws: ParameterMismatch.self) {
      try layer.load([(name: "weight", tensor: Tensor(zeros: [2, 3]))])
    }
  }

  @Test func whatIsLoadedIsNotWatched() throws {
    var layer = LayerNorm(2)
    _ = try valueAndGradient(at: [Tensor(zeros: [2])]) { x in
      try layer.load([(name: "weight", tensor: x[0]), (name: "bias", tensor: x[0])])
      return x[0].sum()
    }
    #expect(layer.weight.origin == nil)
  }
}
