import Foundation
import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct UpsamplingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var shape: [Int]
    var upsampling: Upsampling
    var output: [Int]
    var testDescription: String { "\(shape) \(upsampling)" }
  }

  static let cases: [Case] = Interpolation.allCases.flatMap { kind in
    [false, true].filter { !($0 && kind == .nearest) }.flatMap { aligned in
      [
        Case(
          shape: [2, 3, 4, 5], upsampling: Upsampling(kind, scale: 2, alignsCorners: aligned),
          output: [8, 10]),
        Case(
          shape: [1, 17, 3, 4], upsampling: Upsampling(kind, size: [7, 3], alignsCorners: aligned),
          output: [7, 3]),
        Case(
          shape: [2, 2, 7], upsampling: Upsampling(kind, size: [1], alignsCorners: aligned),
          output: [1]),
        Case(
          shape: [2, 3, 1, 2],
          upsampling: Upsampling(kind, scale: [3, 2.5], alignsCorners: aligned), output: [3, 5]),
        Case(
          shape: [0, 3, 2, 2], upsampling: Upsampling(kind, scale: 2, alignsCorners: aligned),
          output: [4, 4]),
        Case(
          shape: [1, 2, 2, 3, 2], upsampling: Upsampling(kind, scale: 2, alignsCorners: aligned),
          output: [4, 6, 4]),
      ]
    }
  }

  /// Keys' kernel with a = −0.75, for any distance.
  private static func cubic(_ x: Double) -> Double {
    let (a, d) = (-0.75, abs(x))
    if d <= 1 { return (a + 2) * d * d * d - (a + 3) * d * d + 1 }
    return d < 2 ? a * (d * d * d - 5 * d * d + 8 * d - 4) : 0
  }

  /// The weights of one output position, by the definition of each kernel over all places around.
  private static func weights(
    _ upsampling: Upsampling, _ position: Int, _ n: Int, _ m: Int, axis: Int
  ) -> [Double] {
    var step = Double(n) / Double(m)
    if case .scale(let scale) = upsampling.target {
      step = 1 / (scale.count == 1 ? scale[0] : scale[axis])
    }
    var result = [Double](repeating: 0, count: n)
    if upsampling.interpolation == .nearest {
      result[min(n - 1, Int((Double(position) * step + 1e-9).rounded(.down)))] = 1
      return result
    }
    var x = step * (Double(position) + 0.5) - 0.5
    if upsampling.alignsCorners { x = m == 1 ? 0 : Double(position * (n - 1)) / Double(m - 1) }
    // Values repeat beyond the border.
    for place in -3...n + 3 {
      let distance = x - Double(place)
      let weight =
        upsampling.interpolation == .bicubic ? cubic(distance) : max(0, 1 - abs(distance))
      result[min(max(place, 0), n - 1)] += weight
    }
    return result
  }

  @Test(arguments: cases) func oracle(_ test: Case) throws {
    var random = TestRandom(380)
    let size = Array(test.shape[2...])
    #expect(try test.upsampling.outputSize(size) == test.output)
    let weights = size.indices.map { axis in
      (0..<test.output[axis]).map {
        Self.weights(test.upsampling, $0, size[axis], test.output[axis], axis: axis)
      }
    }
    let found = problems(
      "Upsampling", [random.tensor(test.shape)], samples: 30,
      operation: { test.upsampling($0[0]) },
      oracle: { x in
        // Axis after axis.
        size.indices.reduce(x[0]) { x, axis in
          var shape = x.shape
          shape[axis + 2] = test.output[axis]
          return DoubleTensor(shape) { index in
            (0..<size[axis]).reduce(0) { sum, place in
              var from = index
              from[axis + 2] = place
              return sum + weights[axis][index[axis + 2]][place] * x[from]
            }
          }
        }
      })
    #expect(found == [])
  }

  @Test func anImageKeepsItsCornersAndItsConstants() {
    var random = TestRandom(381)
    let x = random.tensor([1, 1, 3, 4])
    for kind in [Interpolation.bilinear, .bicubic] {
      let y = Upsampling(kind, size: [7, 9], alignsCorners: true)(x)
      #expect(y[0, 0, 0, 0] == x[0, 0, 0, 0] && abs(y[0, 0, 6, 8] - x[0, 0, 2, 3]) < 1e-6)
      let constant = Upsampling(kind, scale: 2.5)(Tensor(repeating: 3, shape: [1, 2, 4, 4]))
      #expect(constant.values.allSatisfy { abs($0 - 3) < 1e-5 })
    }
    #expect(Upsampling(.nearest, size: [3, 4])(x) == x)
  }

  @Test func onDisk() throws {
    let all = Self.cases.map(\.upsampling)
    #expect(try JSONDecoder().decode([Upsampling].self, from: JSONEncoder().encode(all)) == all)
  }

  @Test func threadsChangeNoBit() {
    var random = TestRandom(382)
    let x = random.tensor([2, 37, 30, 29])
    func run(_ threads: Int) -> [[UInt32]] {
      Threads.with(threads) {
        let (_, y, gradients) = valueAndGradient(at: [x]) { x in
          let y = Upsampling(.bicubic, scale: 2)(x[0])
          return (y.squared().sum(), y)
        }
        return [bits(y)] + gradients.map { $0.map { bits($0.tensor) } ?? [] }
      }
    }
    #expect(run(3) == run(1))
  }

  @Test func whatDoesNotFit() async {
    #expect(throws: ConvolutionError("up-sampling by nearest positions has no corners to align")) {
      try Upsampling(.nearest, scale: 2, alignsCorners: true).outputSize([3])
    }
    for upsampling in [
      Upsampling(.bilinear, size: [0]), Upsampling(.bilinear, size: [2, 2]),
      Upsampling(.bilinear, scale: 0.1), Upsampling(.bilinear, scale: .nan),
      Upsampling(.bilinear, scale: 1e30), Upsampling(.bilinear, scale: []),
    ] {
      #expect(throws: ConvolutionError.self) { try upsampling.outputSize([3]) }
    }
    await #expect(processExitsWith: .failure) {
      _ = Upsampling(.bilinear, size: [0])(Tensor(zeros: [1, 1, 2]))
    }
  }
}
