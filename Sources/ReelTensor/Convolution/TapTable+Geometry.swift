extension TapTable {
  /// The table of a convolution of one input; positions and taps count row-major.
  package init(_ geometry: ConvolutionGeometry) {
    let taps = geometry.kernel.elementCount
    let rows = geometry.output.elementCount
    let inputRows = geometry.input.elementCount
    precondition(
      inputRows <= Int(Int32.max) && rows <= Int(Int32.max),
      "TapTable: input \(geometry.input) or output \(geometry.output) has more than 2³¹ positions")
    let axes = geometry.input.indices.map { Places(geometry, axis: $0) }
    let sources = axes.dropFirst().reduce(axes[0]) { $0.joined(with: $1) }.places
    self.init(
      form: .sources(sources), taps: taps, outputRows: rows, inputRows: inputRows,
      inputPhases: Self.phases(geometry), outputPhases: nil, grid: WinogradGrid(geometry),
      runs: TapRuns(geometry))
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

/// For each output position and tap of some axes, [positions, taps], the input position or −1.
private struct Places {
  let positions: Int
  let taps: Int
  /// Input positions.
  let size: Int
  let places: [Int32]

  init(_ geometry: ConvolutionGeometry, axis: Int) {
    (positions, taps) = (geometry.output[axis], geometry.kernel[axis])
    size = geometry.input[axis]
    var places: [Int32] = []
    for position in 0..<positions {
      for tap in 0..<taps {
        let place =
          position * geometry.stride[axis] + tap * geometry.dilation[axis]
          - geometry.padding[axis].before
        places.append(place >= 0 && place < size ? Int32(truncatingIfNeeded: place) : -1)
      }
    }
    self.places = places
  }

  private init(positions: Int, taps: Int, size: Int, places: [Int32]) {
    (self.positions, self.taps, self.size, self.places) = (positions, taps, size, places)
  }

  /// These axes with one more inside: its positions and taps count faster.
  func joined(with inner: Places) -> Places {
    let length = Int32(truncatingIfNeeded: inner.size)
    let count = positions * inner.positions * taps * inner.taps
    // In flat memory: this runs at every call of a layer.
    let joined = [Int32](unsafeUninitializedCapacity: count) { target, initialized in
      initialized = count
      places.withUnsafeBufferPointer { outerPlaces in
        inner.places.withUnsafeBufferPointer { innerPlaces in
          var next = 0
          for row in 0..<positions {
            for position in 0..<inner.positions {
              for tap in 0..<taps {
                let outer = outerPlaces[row * taps + tap]
                for innerTap in 0..<inner.taps {
                  let place = innerPlaces[position * inner.taps + innerTap]
                  target[next] = outer < 0 || place < 0 ? -1 : outer &* length &+ place
                  next += 1
                }
              }
            }
          }
        }
      }
    }
    return Places(
      positions: positions * inner.positions, taps: taps * inner.taps, size: size * inner.size,
      places: joined)
  }
}
