/// A convolution with few input channels, read a line at a time.
///
/// The channels of a position lie side by side, and so do the positions of the innermost axis: what
/// the taps of one line of the window read is one stretch of memory. With 3 channels a 7×7 window is
/// then 7 stretches of 21 values in place of 49 of 3, which a product reads much faster. Where the
/// window reaches over the edge, the stretch has to hold the zeros: the input is copied once, with its
/// padding.
struct TapLines: Sendable {
  /// Which row of the padded input each line of the window begins at.
  let table: TapTable
  /// Positions of a line.
  let width: Int
  private let geometry: ConvolutionGeometry
  private let padded: [Int]

  /// Channels up to which it pays.
  private static let mostChannels = 8
  private static let mostValues = 128

  /// nil where taps do not follow each other, or channels are many.
  init?(_ geometry: ConvolutionGeometry?, channels: Int, groups: Int) {
    guard let geometry, groups == 1, channels <= Self.mostChannels,
      let width = geometry.kernel.last,
      width > 1, width * channels <= Self.mostValues, geometry.dilation.last == 1,
      !geometry.output.contains(0)
    else { return nil }
    self.geometry = geometry
    self.width = width
    padded = geometry.input.indices.map {
      geometry.input[$0] + geometry.padding[$0].before + geometry.padding[$0].after
    }
    table = Self.table(geometry, padded: padded)
  }

  private static func table(_ geometry: ConvolutionGeometry, padded: [Int]) -> TapTable {
    // Row-major over the output's positions, and within each over the lines of the window.
    let last = padded.count - 1
    var places = [0]
    for axis in padded.indices {
      let taps = axis == last ? 1 : geometry.kernel[axis]
      let outer = places
      let outerTaps = geometry.kernel[..<axis].reduce(1, *)
      places = []
      places.reserveCapacity(outer.count * geometry.output[axis] * taps)
      for position in 0..<outer.count / outerTaps {
        for place in 0..<geometry.output[axis] {
          for outerTap in 0..<outerTaps {
            let line = outer[position * outerTaps + outerTap] * padded[axis]
            for tap in 0..<taps {
              places.append(
                line + place * geometry.stride[axis] + tap * geometry.dilation[axis])
            }
          }
        }
      }
    }
    return TapTable(
      sources: places.map { Int32(truncatingIfNeeded: $0) },
      taps: geometry.kernel.dropLast().reduce(1, *), inputRows: padded.reduce(1, *))
  }

  /// Calls `body` with the rows of all repeats, zeros around them.
  func withPadded<R>(
    _ x: UnsafePointer<Float>, repeats: Int, channels: Int, _ body: (UnsafePointer<Float>) -> R
  ) -> R {
    guard padded != geometry.input else { return body(x) }
    let copy = Storage(count: repeats * table.inputRows * channels)
    let (source, target) = (Shared(x), Shared(copy.pointer))
    let inputRows = geometry.input.elementCount
    let last = padded.count - 1
    let lines = padded[..<last].reduce(1, *)
    let before = geometry.padding[last].before * channels
    let (length, paddedLength) = (geometry.input[last] * channels, padded[last] * channels)
    Threads.forEachRange(of: repeats * lines, size: max(1, (1 << 14) / max(paddedLength, 1))) {
      range in
      for line in range {
        let place = target.pointer + line * paddedLength
        guard let from = self.line(line % lines) else {
          place.update(repeating: 0, count: paddedLength)
          continue
        }
        place.update(repeating: 0, count: before)
        (place + before).update(
          from: source.pointer + (line / lines * inputRows) * channels + from * length,
          count: length)
        (place + before + length).update(repeating: 0, count: paddedLength - before - length)
      }
    }
    defer { withExtendedLifetime(copy) {} }
    return body(UnsafePointer(copy.pointer))
  }

  /// The line of the input that stands in a line of the padded one; nil: zeros.
  private func line(_ paddedLine: Int) -> Int? {
    var (rest, line, scale) = (paddedLine, 0, 1)
    for axis in padded.indices.dropLast().reversed() {
      let place = rest % padded[axis] - geometry.padding[axis].before
      guard place >= 0, place < geometry.input[axis] else { return nil }
      line += place * scale
      scale *= geometry.input[axis]
      rest /= padded[axis]
    }
    return line
  }
}
