import Foundation
import ReelTensor
import ReelTestSupport
import Testing

/// Sizes around the vector widths, nothing at all, and two that several threads divide.
let elementwiseShapes: [[Int]] = [
  [], [0], [2, 0, 3], [1], [3], [7, 5], [16], [33], [2, 3, 4, 5], [70_001], [3, 40_000],
]

@Suite struct ElementwiseTests {
  static let sampled = 8

  @Test(arguments: elementwiseShapes)
  func functions(shape: [Int]) {
    var random = TestRandom(1)
    let any = random.tensor(shape, in: -4...4, avoidingZero: true)
    let positive = random.tensor(shape, in: 0.2...5)
    let cases: [(String, Tensor, ([Tensor]) -> Tensor, ([DoubleTensor]) -> DoubleTensor)] = [
      ("exp", any, { $0[0].exp() }, { $0[0].map { Foundation.exp($0) } }),
      ("log", positive, { $0[0].log() }, { $0[0].map { Foundation.log($0) } }),
      ("squareRoot", positive, { $0[0].squareRoot() }, { $0[0].map { $0.squareRoot() } }),
      ("tanh", any, { $0[0].tanh() }, { $0[0].map { Foundation.tanh($0) } }),
      (
        "sigmoid", any, { $0[0].sigmoid() },
        { $0[0].map { 1 / (1 + Foundation.exp(-$0)) } }
      ),
      ("relu", any, { $0[0].relu() }, { $0[0].map { max($0, 0) } }),
      ("squared", any, { $0[0].squared() }, { $0[0].map { $0 * $0 } }),
      ("minus", any, { -$0[0] }, { $0[0].map { -$0 } }),
    ]
    for (name, input, operation, oracle) in cases {
      let found = problems(
        name, [input], samples: Self.sampled, operation: operation, oracle: oracle)
      #expect(found == [])
    }
  }

  @Test(arguments: elementwiseShapes)
  func withANumber(shape: [Int]) {
    var random = TestRandom(2)
    let x = random.tensor(shape, in: 0.2...3)
    let cases: [(String, ([Tensor]) -> Tensor, ([DoubleTensor]) -> DoubleTensor)] = [
      ("x+2.5", { $0[0] + 2.5 }, { $0[0].map { $0 + 2.5 } }),
      ("2.5+x", { 2.5 + $0[0] }, { $0[0].map { $0 + 2.5 } }),
      ("x-2.5", { $0[0] - 2.5 }, { $0[0].map { $0 - 2.5 } }),
      ("2.5-x", { 2.5 - $0[0] }, { $0[0].map { 2.5 - $0 } }),
      ("x*2.5", { $0[0] * 2.5 }, { $0[0].map { $0 * 2.5 } }),
      ("2.5*x", { 2.5 * $0[0] }, { $0[0].map { $0 * 2.5 } }),
      ("x/2.5", { $0[0] / 2.5 }, { $0[0].map { $0 / 2.5 } }),
      ("2.5/x", { 2.5 / $0[0] }, { $0[0].map { 2.5 / $0 } }),
    ]
    for (name, operation, oracle) in cases {
      let found = problems(name, [x], samples: Self.sampled, operation: operation, oracle: oracle)
      #expect(found == [])
    }
  }

  @Test func edgesOfTheFunctions() {
    let x = Tensor(shape: [4], values: [0, -1, .infinity, .nan])
    #expect(x.log().values[0] == -.infinity)
    #expect(x.log().values[1].isNaN)
    #expect(x.squareRoot().values[1].isNaN)
    for function in [x.exp(), x.tanh(), x.sigmoid(), x.relu(), x.log(), x.squareRoot()] {
      #expect(function.values[3].isNaN)
    }
    let far = Tensor(shape: [2], values: [-100, 100])
    #expect(far.tanh().values == [-1, 1])
    #expect(far.sigmoid().values[1] == 1)
    #expect(far.sigmoid().values[0] >= 0 && far.sigmoid().values[0] < 1e-37)
    #expect(far.relu().values == [0, 100])
  }

  @Test func theGradientOfReluAtZeroIsZero() {
    let x = Tensor(shape: [3], values: [-1, 0, 1])
    let gradient = valueAndGradient(at: [x]) { $0[0].relu().sum() }.gradients[0]
    #expect(gradient?.tensor.values == [0, 0, 1])
  }
}
