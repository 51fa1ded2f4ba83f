/// A pooling window's settings, one number for each axis.
package struct PoolingSettings: Sendable {
  package var window: [Int]
  package var stride: [Int]
  package var before: [Int]
  package var after: [Int]
  package var dilation: [Int]
  package var roundsUp: Bool

  package init(
    window: [Int], stride: [Int], before: [Int], after: [Int], dilation: [Int],
    roundsUp: Bool = false
  ) {
    (self.window, self.stride, self.before, self.after) = (window, stride, before, after)
    (self.dilation, self.roundsUp) = (dilation, roundsUp)
  }

  /// How many windows an axis of `length` has, by trying one after the other.
  package func count(_ axis: Int, _ length: Int) -> Int {
    let span = (window[axis] - 1) * dilation[axis] + 1
    let padded = length + before[axis] + after[axis]
    var count = 0
    while true {
      let first = count * stride[axis]
      let fits = first + span <= padded
      // Rounded up: something is left that no window before this one saw, and it begins inside.
      let reaches =
        roundsUp && first - stride[axis] + span < padded && first < length + before[axis]
      guard fits || reaches else { return count }
      count += 1
    }
  }
}

extension DoubleTensor {
  /// For each item, channel and output position: `value` of the input's values inside the window,
  /// row by row, of how many positions lie in the padded input, and of where each value stands.
  package func pooled(
    _ settings: PoolingSettings,
    _ value: (_ inside: [Double], _ padded: Int, _ places: [Int]) -> Double
  ) -> DoubleTensor {
    let input = Array(shape[2...])
    let windows = input.indices.map { axis in
      (0..<settings.count(axis, input[axis])).map { position in
        (0..<settings.window[axis]).map { tap in
          position * settings.stride[axis] + tap * settings.dilation[axis] - settings.before[axis]
        }
      }
    }
    let limits = input.indices.map { input[$0] + settings.after[$0] }
    return windowed(windows, limits: limits, value)
  }

  /// The same for given windows: for each axis and output position, the input positions, some of
  /// them outside; those from `limits` on are not counted as padded.
  package func windowed(
    _ windows: [[[Int]]], limits: [Int],
    _ value: (_ inside: [Double], _ padded: Int, _ places: [Int]) -> Double
  ) -> DoubleTensor {
    let input = Array(shape[2...])
    let inputCount = input.reduce(1, *)
    return DoubleTensor(Array(shape[..<2]) + windows.map(\.count)) { index in
      let start = (index[0] * shape[1] + index[1]) * inputCount
      var places: [Int?] = [0]
      var padded = 1
      for axis in input.indices {
        let positions = windows[axis][index[axis + 2]]
        padded *= positions.count { $0 < limits[axis] }
        places = places.flatMap { outer in
          positions.map { position in
            position < 0 || position >= input[axis]
              ? nil : outer.map { $0 * input[axis] + position }
          }
        }
      }
      let inside = places.compactMap { $0 }
      return value(inside.map { values[start + $0] }, padded, inside)
    }
  }
}
