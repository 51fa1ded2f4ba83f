import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Cells written outside the library run through the same loop: forward and gradients against
/// naive Double loops.
@Suite struct CustomCellTests {
  /// The values of one step of one row: x and h to h', with parameters by name.
  typealias Step = (_ x: [Double], _ h: [Double], _ p: [String: [Double]]) -> [Double]

  static func affine(_ w: [Double], _ x: [Double], row: Int) -> Double {
    x.indices.reduce(0) { $0 + w[row * x.count + $1] * x[$1] }
  }

  static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  @Test func minimalGatedUnit() {
    expectParity(MGU.self) { x, h, p in
      func a(_ row: Int) -> Double {
        Self.affine(p["weight_ih_l0"]!, x, row: row) + p["bias_ih_l0"]![row]
          + p["bias_hh_l0"]![row]
      }
      let size = h.count
      let f = (0..<size).map { Self.sigmoid(a($0) + Self.affine(p["weight_hh_l0"]!, h, row: $0)) }
      let gated = zip(f, h).map(*)
      return (0..<size).map { j in
        let n = tanh(a(size + j) + Self.affine(p["weight_hh_l0"]!, gated, row: size + j))
        return (1 - f[j]) * h[j] + f[j] * n
      }
    }
  }

  @Test func leakyUnits() {
    expectParity(LeakyRNN.self) { x, h, p in
      h.indices.map { j in
        let n = tanh(
          Self.affine(p["weight_ih_l0"]!, x, row: j) + p["bias_ih_l0"]![j] + p["bias_hh_l0"]![j]
            + Self.affine(p["weight_hh_l0"]!, h, row: j))
        let a = Self.sigmoid(p["cell_l0.rate"]![j])
        return (1 - a) * h[j] + a * n
      }
    }
  }

  private func expectParity<Cell: RecurrentCell>(_ type: Recurrent<Cell>.Type, _ step: Step)
  where Cell.State == HiddenState {
    let (batch, hidden, lengths) = (9, 5, [5, 3, 0, 4, 5, 1, 5, 2, 5])
    var generator = RandomGenerator(seed: 1)
    var random = TestRandom(2)
    var network = type.init(inputSize: 3, hiddenSize: hidden, using: &generator)
    network.updateParameters { _, parameter in parameter = random.tensor(parameter.shape) }
    let input = random.tensor([batch, 5, 3])
    let initial = random.tensor([1, batch, hidden])
    let weight = random.tensor([batch, 5, hidden])

    let watched = network.parameters.map(\.tensor) + [input, initial]
    let names = network.parameters.map(\.path) + ["input", "state"]
    let (loss, gradients) = valueAndGradient(at: watched) { watched in
      var copy = network
      var next = 0
      copy.updateParameters { _, parameter in
        parameter = watched[next]
        next += 1
      }
      let (output, _) = copy(
        Sequences(watched[next], lengths: lengths), state: HiddenState(hidden: watched[next + 1]))
      return (output.padded() * weight).sum()
    }

    var values: [String: [Double]] = [:]
    for (name, tensor) in zip(names, watched) { values[name] = tensor.values.map(Double.init) }
    let weights = weight.values.map(Double.init)
    func exactLoss() -> Double {
      var loss = 0.0
      for row in 0..<batch {
        var h = Array(values["state"]![row * hidden..<(row + 1) * hidden])
        for time in 0..<lengths[row] {
          let place = row * 5 + time
          h = step(Array(values["input"]![place * 3..<place * 3 + 3]), h, values)
          for j in 0..<hidden { loss += weights[place * hidden + j] * h[j] }
        }
      }
      return loss
    }

    expectClose(loss, shape: [], [exactLoss()], "loss")
    for (index, name) in names.enumerated() {
      let size = 1e-6
      let expected = values[name]!.indices.map { place -> Double in
        let value = values[name]![place]
        defer { values[name]![place] = value }
        values[name]![place] = value + size
        let above = exactLoss()
        values[name]![place] = value - size
        return (above - exactLoss()) / (2 * size)
      }
      expectClose(
        gradients[index]?.tensor, shape: watched[index].shape, expected, "\(Cell.self) \(name)",
        within: 2e-5)
    }
  }
}
