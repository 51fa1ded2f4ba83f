extension TapTable {
  /// The table of a convolution of one input; positions and taps count row-major.
  package init(_ geometry: ConvolutionGeometry) {
    // One axis: for each output position and tap, the input position or −1.
    let axes = geometry.input.indices.map { axis in
      (0..<geometry.output[axis]).map { position in
        (0..<geometry.kernel[axis]).map { tap in
          let place =
            position * geometry.stride[axis] + tap * geometry.dilation[axis]
            - geometry.padding[axis].before
          return place >= 0 && place < geometry.input[axis] ? place : -1
        }
      }
    }
    let taps = geometry.kernel.elementCount
    let rows = geometry.output.elementCount
    let inputRows = geometry.input.elementCount
    precondition(
      inputRows <= Int(Int32.max) && rows <= Int(Int32.max),
      "TapTable: input \(geometry.input) or output \(geometry.output) has more than 2³¹ positions")
    // With axes missing in front, an axis of length 1 is put there.
    let one = [[0]]
    let padded = Array(repeating: one, count: 3 - axes.count) + axes
    let sizes = Array(repeating: 1, count: 3 - axes.count) + geometry.input
    let sources = [Int32](unsafeUninitializedCapacity: rows * taps) { target, count in
      for plane in padded[0] {
        for line in padded[1] {
          for column in padded[2] {
            for z in plane {
              for y in line {
                let start = z < 0 || y < 0 ? -1 : (z * sizes[1] + y) * sizes[2]
                for x in column {
                  target[count] = start < 0 || x < 0 ? -1 : Int32(truncatingIfNeeded: start + x)
                  count += 1
                }
              }
            }
          }
        }
      }
    }
    self.init(
      form: .sources(sources), taps: taps, outputRows: rows, inputRows: inputRows,
      inputPhases: Self.phases(geometry), outputPhases: nil)
  }

  /// With stride s, tap t of an axis reads the positions p for which p + before − t·dilation is a
  /// multiple of s: positions with the same p mod s are read by the same taps.
  private static func phases(_ geometry: ConvolutionGeometry) -> [Int32]? {
    guard geometry.stride.contains(where: { $0 > 1 }) else { return nil }
    var phases: [Int32] = [0]
    for axis in geometry.input.indices {
      let stride = min(geometry.stride[axis], max(geometry.input[axis], 1))
      phases = phases.flatMap { outer in
        (0..<geometry.input[axis]).map {
          outer * Int32(truncatingIfNeeded: stride) + Int32(truncatingIfNeeded: $0 % stride)
        }
      }
    }
    return phases
  }
}
