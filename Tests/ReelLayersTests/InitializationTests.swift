import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct InitializationTests {
  private func deviation(_ x: Tensor) -> Double {
    let values = x.values.map(Double.init)
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }

  @Test func spreads() {
    var generator = RandomGenerator(seed: 1)
    let (out, input) = (150, 250)
    func made(_ initialization: Initialization) -> Tensor {
      initialization.matrix(out: out, in: input, using: &generator)
    }
    let bound = (6.0 / 400).squareRoot()
    let glorot = made(.glorotUniform)
    #expect(glorot.shape == [out, input])
    #expect(glorot.values.allSatisfy { abs(Double($0)) <= bound * 1.000001 })
    #expect(abs(deviation(glorot) / (bound / 3.0.squareRoot()) - 1) < 0.02)
    #expect(abs(deviation(made(.heNormal)) / (2.0 / 250).squareRoot() - 1) < 0.02)
    #expect(abs(deviation(made(.lecunNormal)) / (1.0 / 250).squareRoot() - 1) < 0.02)
    #expect(abs(deviation(made(.normal(deviation: 0.02))) / 0.02 - 1) < 0.02)
    let uniform = made(.uniform(bound: 0.1))
    #expect(uniform.values.allSatisfy { abs($0) <= 0.1 })
    #expect(abs(deviation(uniform) / (0.1 / 3.0.squareRoot()) - 1) < 0.02)
  }

  @Test(arguments: [(20, 20), (10, 30), (30, 10), (1, 5), (5, 1)])
  func orthogonal(out: Int, input: Int) {
    var generator = RandomGenerator(seed: 2)
    let matrix = Initialization.orthogonal.matrix(out: out, in: input, using: &generator)
    #expect(matrix.shape == [out, input])
    let exact = DoubleTensor(matrix)
    let gram =
      out <= input ? exact.product(exact.transposed()) : exact.transposed().product(exact)
    for row in 0..<min(out, input) {
      for column in 0..<min(out, input) {
        #expect(abs(gram[[row, column]] - (row == column ? 1 : 0)) < 2e-6)
      }
    }
  }

  @Test func theSameSeedTheSameLayer() {
    var (a, b) = (RandomGenerator(seed: 3), RandomGenerator(seed: 3))
    #expect(Linear(4, 5, using: &a).weight == Linear(4, 5, using: &b).weight)
    #expect(Linear(4, 5, using: &a).weight != Linear(4, 5, using: &a).weight)
  }
}
