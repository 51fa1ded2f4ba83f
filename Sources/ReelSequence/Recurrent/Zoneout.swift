import ReelTensor

/// Zoneout of one component of the state (Krueger et al. 2017): at each time step each unit keeps
/// its previous value with probability p. With s̃ what the cell computed from the previous state s
/// and k a mask of zeros and ones, drawn anew for every step:
///
///     training     s' = k ⊙ s + (1 − k) ⊙ s̃      P(k = 1) = p
///     prediction   s' = p·s + (1 − p)·s̃
struct Zoneout: Sendable {
  let probability: Float
  /// [total, width] in the layout's order: 0 where a unit keeps its value; nil in prediction.
  let mask: Tensor?

  /// nil where nothing is kept. A draw for each unit of each step, without a generator none.
  init?(
    _ probability: Float, steps: Int, width: Int, using generator: inout RandomGenerator?
  ) {
    guard probability > 0 else { return nil }
    self.probability = probability
    mask = generator?.dropoutMask(shape: [steps, width], probability: probability)
  }

  /// Makes s' of s̃, in place; `first` is the stored row with which the block begins.
  func forward(first: Int, previous: CellMatrix, state: CellMatrix) {
    let width = state.columns
    for row in 0..<state.rows {
      let (before, after) = (
        previous.pointer + row * previous.stride, state.pointer + row * state.stride
      )
      guard let mask else {
        Self.blend(width, before, after, probability)
        continue
      }
      let kept = mask.storage.pointer + (first + row) * width
      for index in 0..<width where kept[index] == 0 { after[index] = before[index] }
    }
  }

  /// Cuts the gradient of s' in two: `state` becomes that of s̃, `carried` that of s.
  func backward(
    first: Int, rows: Int, width: Int, state: UnsafeMutablePointer<Float>,
    carried: UnsafeMutablePointer<Float>
  ) {
    let count = rows * width
    guard let mask else {
      kernels.scale_add(count, probability, 0, state, carried)
      kernels.scale_add(count, 1 - probability, 0, state, state)
      return
    }
    let kept = mask.storage.pointer + first * width
    for index in 0..<count {
      let isKept = kept[index] == 0
      carried[index] = isKept ? state[index] : 0
      state[index] = isKept ? 0 : state[index]
    }
  }

  /// state ← p·previous + (1 − p)·state.
  static func blend(
    _ count: Int, _ previous: UnsafePointer<Float>, _ state: UnsafeMutablePointer<Float>,
    _ probability: Float
  ) {
    kernels.scale_add(count, 1 - probability, 0, state, state)
    kernels.add_scaled(count, probability, previous, state)
  }
}
