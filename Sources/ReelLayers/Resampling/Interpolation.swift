import ReelTensor

/// How values between positions are taken from those at positions, on each axis by itself.
public enum Interpolation: String, Sendable, Codable, Hashable, CaseIterable {
  /// The value at the position before: source ⌊i·n/m⌋ for output i of m.
  case nearest
  /// A straight line between two neighbours (linear, bilinear or trilinear by the number of axes).
  case bilinear
  /// The cubic through four neighbours (Keys 1981, with a = −0.75); values at the border repeat
  /// outside.
  case bicubic
}

extension Interpolation {
  /// The terms of each of `outputs` positions of an axis with `inputs`.
  ///
  /// - Parameter step: input positions from output to output; nil: `inputs` / `outputs`.
  func axis(inputs: Int, outputs: Int, step: Double?, alignsCorners: Bool) -> AxisMap {
    let terms: [[(source: Int, weight: Double)]] = (0..<outputs).map { position in
      if self == .nearest {
        // In whole numbers where no scale is given: no rounding can reach the next position.
        let source = step.map { Int(Double(position) * $0) } ?? position * inputs / outputs
        return [(min(source, inputs - 1), 1)]
      }
      let place: Double
      if alignsCorners {
        place = outputs > 1 ? Double(position * (inputs - 1)) / Double(outputs - 1) : 0
      } else {
        place = (step ?? Double(inputs) / Double(outputs)) * (Double(position) + 0.5) - 0.5
      }
      return self == .bilinear ? linear(place, inputs) : cubic(place, inputs)
    }
    return AxisMap(inputs: inputs, terms: terms)
  }

  private func linear(_ place: Double, _ inputs: Int) -> [(source: Int, weight: Double)] {
    let place = max(place, 0)
    let low = min(Int(place), inputs - 1)
    let rest = place - Double(low)
    guard rest > 0, low + 1 < inputs else { return [(low, 1)] }
    return [(low, 1 - rest), (low + 1, rest)]
  }

  private func cubic(_ place: Double, _ inputs: Int) -> [(source: Int, weight: Double)] {
    let base = place.rounded(.down)
    let t = place - base
    let a = -0.75
    func near(_ x: Double) -> Double { ((a + 2) * x - (a + 3)) * x * x + 1 }
    func far(_ x: Double) -> Double { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    let weights = [far(t + 1), near(t), near(1 - t), far(2 - t)]
    return weights.enumerated().map { tap, weight in
      (min(max(Int(base) - 1 + tap, 0), inputs - 1), weight)
    }
  }
}
