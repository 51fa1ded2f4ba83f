import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

/// A head that scores with the table of an embedding.
@Suite struct TiedLinearTests {
  /// 7 tokens of 3 features (and none twice as the last), read and scored with one table.
  private static let ids: [Int32] = [5, 0, 5, 2, 6, -1]

  private static func operation(_ p: [Tensor]) -> Tensor {
    var generator = RandomGenerator(seed: 1)
    var embedding = Embedding(vocabulary: 7, dimension: 3, using: &generator)
    embedding.weight = p[0]
    var head = TiedLinear(p.count > 2 ? 4 : 3, embedding: embedding, using: &generator)
    head.bias = p[1]
    var x = embedding(ids)
    if p.count > 2 {
      head.projection = p[2]
      x = Tensor.concatenated([x, (x * x).sum(axis: 1, keepingAxis: true)], axis: 1)
    }
    return head(x, embedding: embedding)
  }

  /// Both uses of the table count: the rows looked up and the whole that scores.
  @Test(arguments: [false, true])
  func valueAndGradientsEqualTheOracle(isProjected: Bool) {
    var random = TestRandom(3)
    var parameters = [random.tensor([7, 3]), random.tensor([7])]
    if isProjected { parameters.append(random.tensor([3, 4])) }
    let found = problems("tied linear", parameters, operation: Self.operation) { p in
      var x = p[0].gatheredRows(Self.ids)
      if isProjected {
        x = DoubleTensor.concatenated([x, (x * x).sum(axis: 1, keepingAxis: true)], axis: 1)
          .affineMap(weight: p[2], bias: nil)
      }
      return x.affineMap(weight: p[0], bias: p[1])
    }
    #expect(found == [])
  }

  /// The gradient of the shared table is the sum of those of two tables with the same values.
  @Test func gradientIsTheSumOfBothUses() throws {
    struct Model: Module {
      var embedding: Embedding
      var other: Embedding?
      var head: TiedLinear

      mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
        visitor.visit("embedding", &embedding)
        visitor.visit("other", &other)
        visitor.visit("head", &head)
      }

      func loss() -> Tensor {
        let scores = head(embedding(TiedLinearTests.ids), embedding: other ?? embedding)
        return crossEntropy(scores, [1, 2, 3, 4, -1, 0])
      }
    }
    var generator = RandomGenerator(seed: 2)
    let embedding = Embedding(vocabulary: 7, dimension: 3, using: &generator)
    let head = TiedLinear(3, embedding: embedding, using: &generator)
    let tied = Model(embedding: embedding, other: nil, head: head)
    let apart = Model(embedding: embedding, other: embedding, head: head)
    #expect(tied.parameters.map(\.path) == ["embedding.weight", "head.bias"])
    #expect(tied.parameterCount == 7 * 3 + 7)
    #expect(visitingProblems(of: tied) == [])
    let a = valueAndGradient(of: tied) { $0.loss() }.gradients
    let b = valueAndGradient(of: apart) { $0.loss() }.gradients
    guard case .rows(let rows) = b["embedding.weight"] else {
      Issue.record("the gradient of the table that is read is row-sparse")
      return
    }
    let scoring = try #require(b["other.weight"]).tensor
    let together = try #require(a["embedding.weight"]).tensor
    #expect(
      difference(together, DoubleTensor(rows.dense + scoring), tolerance: 1e-6, what: "sum") == nil)
  }

  @Test func aProjectionStandsBetweenWhereSizesDiffer() {
    var generator = RandomGenerator(seed: 2)
    let embedding = Embedding(vocabulary: 7, dimension: 3, using: &generator)
    let head = TiedLinear(5, embedding: embedding, using: &generator)
    #expect(head.parameters.map(\.path) == ["projection", "bias"])
    #expect(head.projection?.shape == [3, 5])
    #expect(visitingProblems(of: head) == [])
    let x = Sequences([2, 0, 3].map { generator.normal(shape: [$0, 5]) })
    #expect(head(x, embedding: embedding).padded().shape == [3, 3, 7])
  }
}
