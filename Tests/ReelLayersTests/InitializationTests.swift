import Foundation
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

  @Test func families() {
    var generator = RandomGenerator(seed: 4)
    let (out, input) = (150, 250)
    func spread(_ initialization: Initialization) -> Double {
      deviation(initialization.matrix(out: out, in: input, using: &generator))
    }
    let schemes: [(Initialization, Double)] = [
      (.heUniform, 2.0 / 250), (.heNormalByOutput, 2.0 / 150), (.glorotNormal, 2.0 / 400),
      (.lecunUniform, 1.0 / 250), (.uniformByRootOfFanIn, 1.0 / 750),
      (.uniformByFanIn(factor: 2.4), 0.0096 * 0.0096 / 3),
      (.scaled(3, fan: .average, distribution: .truncatedNormal), 3.0 / 200),
      (.scaled(0.5, fan: .output, distribution: .uniform), 0.5 / 150),
    ]
    for (initialization, variance) in schemes {
      #expect(
        abs(spread(initialization) / variance.squareRoot() - 1) < 0.02, "\(initialization)")
    }
    let bound = (6.0 / 250).squareRoot()
    let uniform = Initialization.heUniform.matrix(out: out, in: input, using: &generator)
    #expect(uniform.values.allSatisfy { abs(Double($0)) <= bound * 1.000001 })
    #expect(uniform.maximum() > Float(0.99 * bound))
    let cut = Initialization.truncatedNormal(deviation: 0.1).matrix(
      out: out, in: input, using: &generator)
    #expect(cut.values.allSatisfy { abs($0) <= 0.2 } && cut.maximum() > 0.195)
    #expect(abs(deviation(cut) / (0.1 * 0.8796) - 1) < 0.02)
    let ones = Initialization.constant(1).matrix(out: 2, in: 3, using: &generator)
    #expect(ones == Tensor(repeating: 1, shape: [2, 3]))
  }

  @Test func onDisk() throws {
    let all: [Initialization] = [
      .glorotUniform, .heNormal, .heUniform, .glorotNormal, .truncatedNormal(deviation: 0.02),
      .uniformByFanIn(factor: 2.4), .constant(0.5),
    ]
    let data = try JSONEncoder().encode(all)
    #expect(try JSONDecoder().decode([Initialization].self, from: data) == all)
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
