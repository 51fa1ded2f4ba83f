import ReelFormats
import ReelTensor
import Testing

@Suite struct NamedTensorsTests {
  @Test func keepsOrderAndFindsByName() {
    var tensors: NamedTensors = ["b": Tensor(1), "a": Tensor(2)]
    tensors["c"] = Tensor(3)
    #expect(tensors.names == ["b", "a", "c"])
    #expect(tensors["a"] == Tensor(2) && tensors["d"] == nil)
    tensors["b"] = Tensor(4)
    #expect(tensors.map(\.tensor.scalar) == [4, 2, 3])
    tensors["b"] = nil
    tensors["d"] = nil
    #expect(tensors.names == ["a", "c"] && tensors["c"] == Tensor(3) && tensors["b"] == nil)
    tensors["b"] = Tensor(5)
    #expect(tensors.names == ["a", "c", "b"] && tensors[2].name == "b")
  }

  @Test func fromParameters() {
    let parameters: [(path: String, tensor: Tensor)] = [("y", Tensor(1)), ("x", Tensor(2))]
    #expect(NamedTensors(parameters) == ["y": Tensor(1), "x": Tensor(2)])
    #expect(NamedTensors(parameters) != ["x": Tensor(2), "y": Tensor(1)])
    let pairs: [(name: String, tensor: Tensor)] = Array(NamedTensors(parameters))
    #expect(NamedTensors(pairs) == NamedTensors(parameters))
  }
}
