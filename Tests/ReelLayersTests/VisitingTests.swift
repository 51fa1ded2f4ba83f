import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

/// No stored tensor of any layer is forgotten by its `visitParameters`.
@Suite struct VisitingTests {
  @Test func everyLayer() {
    var generator = RandomGenerator(seed: 1)
    #expect(visitingProblems(of: Linear(3, 4, using: &generator)) == [])
    #expect(visitingProblems(of: Linear(3, 4, bias: false, using: &generator)) == [])
    let embedding = Embedding(vocabulary: 5, dimension: 2, using: &generator)
    #expect(visitingProblems(of: embedding) == [])
    #expect(visitingProblems(of: LayerNorm(4)) == [])
    #expect(visitingProblems(of: Sample()) == [])
  }

  // The check itself has to find what it is for.

  private struct Forgetful: Module {
    var weight = Tensor(zeros: [2])
    var forgotten: Tensor? = Tensor(zeros: [2])
    var layers = [LayerNorm(2), LayerNorm(2)]
    var mask = Tensor(zeros: [2])

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("weight", &weight)
      visitor.visit("first", &layers[0])
    }
  }

  @Test func aForgottenTensorIsFound() {
    #expect(
      visitingProblems(of: Forgetful(), ignoring: ["mask"]) == [
        "forgotten: visited 0 times", "layers.1.weight: visited 0 times",
        "layers.1.bias: visited 0 times",
      ])
  }

  private struct Repeating: Module {
    var weight = Tensor(zeros: [2])

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("weight", &weight)
      visitor.visit("weight", &weight)
    }
  }

  @Test func aTensorVisitedTwiceIsFound() {
    let found = visitingProblems(of: Repeating())
    #expect(found.contains { $0.contains("weight: visited 2 times") })
    #expect(found.contains { $0.contains("not unique") })
  }

  private struct Detached: Module {
    var weight = Tensor(zeros: [2])

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      var copy = weight
      visitor.visit("weight", &copy)
    }
  }

  @Test func aVisitorThatGetsACopyIsFound() {
    #expect(visitingProblems(of: Detached()).contains { $0.contains("did not stay") })
  }
}
