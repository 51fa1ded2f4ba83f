import Foundation
import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct ActivationTests {
  static let all: [Activation] = [
    .identity, .relu, .leakyReLU(slope: 0.01), .leakyReLU(slope: 0.2), .tanh, .scaledTanh, .sigmoid,
    .elu(alpha: 1), .elu(alpha: 0.5), .gelu, .geluTanh, .silu, .softplus,
  ]

  static func exact(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .identity: x
    case .relu: max(x, 0)
    case .leakyReLU(let slope): x > 0 ? x : Double(slope) * x
    case .tanh: tanh(x)
    case .scaledTanh: 1.7159 * tanh(2 * x / 3)
    case .sigmoid: 1 / (1 + exp(-x))
    case .elu(let alpha): x > 0 ? x : Double(alpha) * expm1(x)
    case .gelu: x * 0.5 * erfc(-x / 2.0.squareRoot())
    case .geluTanh: 0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    case .silu: x / (1 + exp(-x))
    case .softplus: x > 0 ? x + log1p(exp(-x)) : log1p(exp(x))
    }
  }

  @Test(arguments: all) func oracle(_ activation: Activation) {
    var random = TestRandom(330)
    for (shape, range) in [
      ([3, 7], -2...2), ([2, 3, 4, 5], -6...6), ([0, 3], -1...1), ([70_001], -12...12),
    ] as [([Int], ClosedRange<Float>)] {
      let x = random.tensor(shape, in: range, avoidingZero: true)
      let found = problems(
        "\(activation)", [x], tolerance: 5e-6, samples: 50, operation: { activation($0[0]) },
        oracle: { x in x[0].map { Self.exact(activation, $0) } })
      #expect(found == [])
    }
  }

  @Test(arguments: all) func farOutAndSpecialValues(_ activation: Activation) {
    let inputs: [Float] = [-1e30, -200, -100, -50, -1e-30, 0, 1e-30, 50, 100, 200, 1e4]
    for x in inputs {
      let (y, gradients) = valueAndGradient(at: [Tensor(shape: [1], values: [x])]) {
        activation($0[0]).sum()
      }
      let wanted = Self.exact(activation, Double(x))
      #expect(
        abs(Double(y.scalar) - wanted) <= 1e-5 * max(abs(wanted), 1e-3), "\(activation) of \(x)")
      #expect(gradients[0]?.tensor.scalar.isFinite == true, "\(activation) of \(x)")
    }
    #expect(activation(Tensor(.nan)).scalar.isNaN)
    #expect(activation(Tensor(.infinity)).scalar >= 1)
  }

  @Test func ofMaps() {
    var random = TestRandom(331)
    let x = random.tensor([2, 3, 4, 5])
    #expect(Activation.gelu(FeatureMaps(x)).tensor == Activation.gelu(x))
    #expect(Activation.identity(FeatureMaps(x)).tensor == x)
  }

  @Test func onDisk() throws {
    for activation in Self.all {
      let data = try JSONEncoder().encode([activation])
      #expect(try JSONDecoder().decode([Activation].self, from: data) == [activation])
    }
  }

  /// LeCun's choice of constants.
  @Test func scaledTanhAtOne() {
    #expect(abs(Activation.scaledTanh(Tensor(1)).scalar - 1) < 1e-4)
    #expect(abs(Activation.scaledTanh(Tensor(-1)).scalar + 1) < 1e-4)
  }

  @Test func threadsChangeNoBit() {
    var random = TestRandom(332)
    let x = random.tensor([5, 30_011], in: -4...4)
    func run(_ threads: Int) -> [UInt32] {
      Threads.with(threads) {
        valueAndGradient(at: [x]) { Activation.silu($0[0]).squared().sum() }.gradients
          .flatMap { $0.map { bits($0.tensor) } ?? [] }
      }
    }
    #expect(run(3) == run(1))
  }
}
