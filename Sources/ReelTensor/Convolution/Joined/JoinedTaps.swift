import CReelKernels

/// A convolution of few channels with the taps on the innermost axis taken together: k taps of c
/// channels, side by side in a line, are one tap of k·c channels. What a kernel does for each tap
/// before it multiplies is then done k times less often. Lines get their zeros written around them
/// first, which for few channels is little to copy; where there are none, nothing is copied.
struct JoinedTaps: @unchecked Sendable {
  let layout: JoinedLayout
  let pointer: UnsafePointer<Float>
  /// Keeps the copy.
  let copy: Storage?

  /// nil where the taps do not lie side by side, or joining them gains nothing.
  ///
  /// - Parameter x: [repeats·inputRows, channels]
  init?(
    _ table: TapTable, repeats: Int, _ x: UnsafePointer<Float>, channels: Int, outputs: Int
  ) {
    guard let layout = JoinedLayout(table, channels: channels, outputs: outputs) else {
      return nil
    }
    self.layout = layout
    if layout.isInside {
      (copy, pointer) = (nil, x)
    } else {
      let storage = Self.lines(
        repeats * layout.lines, of: layout.input, x, channels: channels, width: layout.line,
        lead: layout.lead)
      (copy, pointer) = (storage, UnsafePointer(storage.pointer))
    }
  }

  /// Lines of `width` positions, in which position i is position i − lead of the input's line.
  private static func lines(
    _ count: Int, of length: Int, _ x: UnsafePointer<Float>, channels: Int, width: Int, lead: Int
  ) -> Storage {
    let storage = Storage(count: count * width * channels)
    let first = min(max(0, -lead), length)
    let before = min(max(0, lead), width)
    let copied = max(0, min(length - first, width - before))
    let after = width - before - copied
    let (source, target) = (Shared(x), Shared(storage.pointer))
    Threads.forEachRange(of: count, size: max(1, elementwiseChunk / (width * channels))) { range in
      for line in range {
        var place = target.pointer + line * width * channels
        place.update(repeating: 0, count: before * channels)
        place += before * channels
        place.update(
          from: source.pointer + (line * length + first) * channels, count: copied * channels)
        place += copied * channels
        place.update(repeating: 0, count: after * channels)
      }
    }
    return storage
  }

  /// The convolution's rows; see `TapProduct.multiply`.
  func multiply(_ rows: Int, _ weights: TapWeights, _ target: TapProduct.Target) {
    let (columns, table, stride) = (target.columns, layout.table, layout.stride)
    let size = TapProduct.blockRows(rows, columns: columns)
    Threads.forEachFlushingDenormals((rows + size - 1) / size) { block in
      let range = block * size..<min(rows, (block + 1) * size)
      table.withSources(of: range) { sources, firstRow in
        kernels.multiply_taps(
          range.count, columns, table.taps, layout.channels, pointer + firstRow * stride, stride,
          sources,
          table.taps, weights.panels(group: 0, chunk: weights.chunks[0]), target.bias,
          target.pointer + range.lowerBound * columns, columns, false)
      }
      target.finish(range)
    }
    withExtendedLifetime(copy) {}
  }

  /// Adds what `rows` give to the gradient of the weights, [tap, channel, output]; `packed` are the
  /// gradients that arrive at them.
  func addGradient(
    _ rows: Range<Int>, outputs: Int, _ packed: UnsafePointer<Float>,
    to sum: UnsafeMutablePointer<Float>
  ) {
    layout.table.withSources(of: rows) { sources, firstRow in
      kernels.multiply_turned_taps(
        rows.count, outputs, layout.table.taps, layout.channels,
        pointer + firstRow * layout.stride, layout.stride, sources, layout.table.taps, packed, sum,
        outputs, true)
    }
  }
}
