import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

/// A module with everything that a module can hold.
struct Sample: Module {
  struct Block: Module {
    var inner: Linear
    var norm: LayerNorm?

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("inner", &inner)
      visitor.visit("norm", &norm)
    }
  }

  var embedding: Embedding
  var blocks: [Block]
  var scale: Tensor
  var shift: Tensor?
  var head: Linear

  init(seed: UInt64 = 1) {
    var generator = RandomGenerator(seed: seed)
    embedding = Embedding(vocabulary: 6, dimension: 4, using: &generator)
    blocks = [
      Block(inner: Linear(4, 4, using: &generator), norm: LayerNorm(4)),
      Block(inner: Linear(4, 4, bias: false, using: &generator), norm: nil),
    ]
    scale = Tensor(repeating: 2, shape: [4])
    shift = Tensor(zeros: [4])
    head = Linear(4, 3, using: &generator)
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("blocks", &blocks)
    visitor.visit("scale", &scale)
    visitor.visit("shift", &shift)
    visitor.visit("head", &head)
  }

  func callAsFunction(_ ids: [Int32]) -> Tensor {
    var x = embedding(ids)
    for block in blocks {
      x = block.inner(x).tanh()
      if let norm = block.norm { x = norm(x) }
    }
    x = x * scale
    if let shift { x = x + shift }
    return head(x)
  }
}

@Suite struct ModuleTests {
  static let paths = [
    "embedding.weight", "blocks.0.inner.weight", "blocks.0.inner.bias", "blocks.0.norm.weight",
    "blocks.0.norm.bias", "blocks.1.inner.weight", "scale", "shift", "head.weight", "head.bias",
  ]

  @Test func pathsInTheOrderOfVisits() {
    var sample = Sample()
    #expect(sample.parameters.map(\.path) == Self.paths)
    var seen: [String] = []
    sample.updateParameters { path, _ in seen.append(path) }
    #expect(seen == Self.paths)
    #expect(sample.parameterCount == 24 + 16 + 4 + 4 + 4 + 16 + 4 + 4 + 12 + 3)
    sample.shift = nil
    sample.blocks = []
    #expect(
      sample.parameters.map(\.path) == ["embedding.weight", "scale", "head.weight", "head.bias"])
  }

  @Test func readingChangesNothing() {
    let sample = Sample()
    let before = sample.parameters.map(\.tensor)
    _ = sample.parameters
    _ = sample.parameterCount
    #expect(sample.shift != nil && sample.blocks[0].norm != nil)
    #expect(sample.parameters.map(\.tensor) == before)
  }

  @Test func aCopyIsASnapshot() {
    var sample = Sample()
    let snapshot = sample
    let before = snapshot.parameters.map(\.tensor)
    sample.updateParameters { _, parameter in
      parameter.withMutableValues { for index in $0.indices { $0[index] += 1 } }
    }
    #expect(snapshot.parameters.map(\.tensor) == before)
    for (new, old) in zip(sample.parameters, before) {
      #expect(new.tensor.values == old.values.map { $0 + 1 })
    }
  }

  @Test func updatesInPlaceAllocateNothing() async {
    await #expect(processExitsWith: .success) {
      var sample = Sample()
      let before = sample.parameters.map(\.tensor.address)
      let allocations = MemoryPool.statistics.bufferAllocations
      for _ in 0..<10 {
        sample.updateParameters { _, parameter in
          parameter.withUnsafeMutableValues { for index in $0.indices { $0[index] *= 0.5 } }
        }
      }
      #expect(MemoryPool.statistics.bufferAllocations == allocations)
      #expect(sample.parameters.map(\.tensor.address) == before)
    }
  }

  @Test func anErrorStopsTheUpdate() {
    struct Refusal: Error {}
    var sample = Sample()
    var seen = 0
    #expect(throws: Refusal.self) {
      try sample.updateParameters { path, _ in
        seen += 1
        if path == "scale" { throw Refusal() }
      }
    }
    #expect(seen == 7)
    #expect(sample.parameters.map(\.path) == Self.paths)
  }

  @Test func aParameterKeepsItsShape() async {
    await #expect(processExitsWith: .failure) {
      var sample = Sample()
      sample.updateParameters { _, parameter in parameter = Tensor(zeros: [1]) }
    }
  }
}
