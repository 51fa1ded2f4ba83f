import Reel
import ReelTestSupport

/// Moves each parameter of a network along random directions and compares the change of the loss,
/// by central differences in Float, with what the gradient says; one line for each that differs.
///
/// The step is a compromise between the rounding of Float and, with max pooling, another time step
/// becoming the largest.
func slopeProblems<Network: Module>(
  of network: Network, step: Float = 1e-2, tolerance: Double = 1e-2,
  _ loss: (Network) -> Tensor
) -> [String] {
  var random = TestRandom(17)
  var found: [String] = []
  let gradients = valueAndGradient(of: network, loss).gradients
  for entry in gradients.entries {
    guard let gradient = entry.gradient?.tensor else {
      found.append("\(entry.path): no gradient")
      continue
    }
    let size = gradient.values.reduce(0) { $0 + Double($1 * $1) }.squareRoot()
    if size == 0 { found.append("\(entry.path): the gradient is 0") }
    for _ in 0..<3 {
      let direction = random.tensor(entry.shape)
      func moved(_ scale: Float) -> Double {
        var copy = network
        copy.updateParameters { path, parameter in
          if path == entry.path { parameter = parameter + direction * scale }
        }
        return Double(loss(copy).scalar)
      }
      let expected = (moved(step) - moved(-step)) / Double(2 * step)
      let came = Double((gradient * direction).sum().scalar)
      let scale = max(size, abs(expected), 1e-2)
      if abs(came - expected) > tolerance * scale {
        found.append("\(entry.path): slope \(came), expected \(expected), gradient \(size)")
      }
    }
  }
  return found
}
