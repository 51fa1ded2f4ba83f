import ReelTensor

/// Holds an operation against its Double oracle: the value, and the gradient of a weighted sum of
/// the output against central differences of the oracle.
///
/// - Parameters:
///   - inputs: what the operation is applied to; every one is differentiated.
///   - samples: of each input, how many values have their gradient checked (spread over the input,
///     first and last included); all when there are no more than that.
/// - Returns: one line for each thing that is wrong.
package func problems(
  _ name: String, _ inputs: [Tensor], tolerance: Double = 2e-5, samples: Int = 64,
  operation: ([Tensor]) -> Tensor, oracle: ([DoubleTensor]) -> DoubleTensor
) -> [String] {
  let what = "\(name)\(inputs.map(\.shape))"
  let plain = operation(inputs)
  let exact = inputs.map { DoubleTensor($0) }
  var found: [String] = []
  if let line = difference(plain, oracle(exact), tolerance: tolerance, what: what) {
    return [line]
  }
  if plain.isWatched || plain.origin != nil { found.append("\(what): recorded for nobody") }

  var random = TestRandom(UInt64(plain.count) &* 77 &+ 5)
  let weights = random.tensor(plain.shape)
  let exactWeights = DoubleTensor(weights).values
  func loss(_ y: Tensor) -> Tensor { (y * weights).sum() }
  func exactLoss(_ x: [DoubleTensor]) -> Double {
    zip(oracle(x).values, exactWeights).reduce(0) { $0 + $1.0 * $1.1 }
  }

  let (_, watched, gradients) = valueAndGradient(at: inputs) { x in
    let y = operation(x)
    return (loss(y), y)
  }
  if bits(watched) != bits(plain) { found.append("\(what): differs when it is watched") }

  for (input, gradient) in gradients.enumerated() {
    guard let gradient else {
      found.append("\(what): no gradient in input \(input)")
      continue
    }
    guard gradient.shape == inputs[input].shape, gradient.tensor.shape == gradient.shape else {
      found.append("\(what): gradient in input \(input) has shape \(gradient.shape)")
      continue
    }
    // Watching one input alone must give the same as watching all.
    let alone = valueAndGradient(at: [inputs[input]]) { x in
      var all = inputs
      all[input] = x[0]
      return loss(operation(all))
    }.gradients[0]
    if alone.map({ bits($0.tensor) }) != bits(gradient.tensor) {
      found.append("\(what): gradient in input \(input) differs when it alone is watched")
    }
    let count = inputs[input].count
    let places =
      count <= samples
      ? Array(0..<count) : (0..<samples).map { $0 * (count - 1) / (samples - 1) }
    let numeric = places.map { place in
      let step = 1e-5
      var moved = exact
      moved[input].values[place] += step
      let above = exactLoss(moved)
      moved[input].values[place] = exact[input].values[place] - step
      return (above - exactLoss(moved)) / (2 * step)
    }
    let values = gradient.tensor.values
    let sampled = Tensor(shape: [places.count], values: places.map { values[$0] })
    if let line = difference(
      sampled, DoubleTensor([places.count], numeric), tolerance: tolerance,
      what: "\(what): gradient in input \(input), sampled")
    {
      found.append(line)
    }
  }
  return found
}
