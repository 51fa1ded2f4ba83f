import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Holds the gradient of a loss in every parameter, the input and the initial state against
/// central finite differences of the oracle.
///
/// - Parameter coordinates: values of each tensor that are moved one by one (all, if there are
///   that few; else a random choice). Besides, each tensor is moved along a random direction.
func checkGradients(
  of test: RecurrentCase, _ loss: TestLoss, generator: RandomGenerator? = nil, coordinates: Int,
  seed: UInt64, within tolerance: Double = 2e-5, location: SourceLocation = #_sourceLocation
) {
  let weights = LossWeights(test, seed: seed)
  let oracle = test.oracle(dropoutFrom: generator)
  let (value, gradients) = valueAndGradient(of: test.model) { model in
    let (output, state) = model(using: generator)
    return loss(output, state, weights)
  }
  let name = "\(test.kind.rawValue), \(loss.rawValue)"
  let exact = loss(oracle, weights)
  #expect(
    abs(Double(value.scalar) - exact) <= tolerance * max(1, abs(exact)),
    "\(name): loss \(value.scalar), expected \(exact)", sourceLocation: location)

  /// dL / ds of the loss along `direction` in the tensor at `path`.
  func slope(_ path: String, along direction: [(index: Int, step: Double)]) -> Double {
    let size = 1e-6
    func moved(by scale: Double) -> Double {
      var oracle = oracle
      for (index, step) in direction { oracle.values[path]![index] += scale * step }
      return loss(oracle, weights)
    }
    return (moved(by: size) - moved(by: -size)) / (2 * size)
  }

  var random = TestRandom(seed &+ 1)
  for entry in gradients.entries {
    let count = entry.shape.reduce(1, *)
    guard count > 0 else { continue }
    let came =
      entry.gradient?.tensor.values.map(Double.init) ?? [Double](repeating: 0, count: count)
    let scale = came.reduce(0) { max($0, abs($1)) }
    let chosen =
      count <= coordinates
      ? Array(0..<count) : Array((0..<count).shuffled(using: &random)[..<coordinates])
    for index in chosen {
      let expected = slope(entry.path, along: [(index, 1)])
      #expect(
        abs(came[index] - expected) <= tolerance * max(scale, abs(expected)) + 1e-8,
        "\(name): gradient of \(entry.path)[\(index)] is \(came[index]), expected \(expected)",
        sourceLocation: location)
    }
    let direction = (0..<count).map { ($0, Double.random(in: -1...1, using: &random)) }
    let expected = slope(entry.path, along: direction)
    let along = direction.reduce(0) { $0 + came[$1.0] * $1.1 }
    #expect(
      abs(along - expected) <= tolerance * scale * Double(count).squareRoot() + 1e-8,
      "\(name): slope in \(entry.path) is \(along), expected \(expected)",
      sourceLocation: location)
  }
}
