import CReelKernels

/// The products of a convolution on rows: forward, the gradients in its input and in its weights.
///
/// Work goes over blocks of output rows that depend on shapes alone. A block's left operand is put
/// together in the cache and multiplied there: no buffer of the size of the batch exists.
enum TapProduct {
  /// Floats of a block's left operand, at most: half of a second-level cache.
  private static let blockFloats = 1 << 17
  private static let tallest = 256

  private static func blockRows(_ rows: Int, columns: Int) -> Int {
    let most = min(tallest, max(8, blockFloats / max(columns, 1)))
    let blocks = max(1, (rows + most - 1) / most)
    return ((rows + blocks - 1) / blocks + 7) / 8 * 8
  }

  /// y [repeats·outputRows, groups·outputs] = gathered x · weights + bias, at least 0 where
  /// `rectified`.
  static func multiply(
    _ table: TapTable, repeats: Int, _ x: UnsafePointer<Float>, stride: Int,
    weights: TapWeights, bias: UnsafePointer<Float>?, rectified: Bool,
    into y: UnsafeMutablePointer<Float>
  ) {
    let rows = repeats * table.outputRows
    let columns = table.taps * weights.inputs
    let ldy = weights.groups * weights.outputs
    guard rows > 0, ldy > 0 else { return }
    let (x, y, bias) = (Shared(x), Shared(y), Shared(bias))
    let size = blockRows(rows, columns: columns)
    let weights = Shared(weights)
    Threads.forEachFlushingDenormals((rows + size - 1) / size) { block in
      let range = block * size..<min(rows, (block + 1) * size)
      let weights = weights.pointer
      let scratch = Storage(count: range.count * columns)
      let target = y.pointer + range.lowerBound * ldy
      withSources(of: table, range) { sources, firstRow in
        for group in 0..<weights.groups {
          kernels.gather_taps(
            range.count, table.taps, weights.inputs,
            x.pointer + firstRow * stride + group * weights.inputs, stride, sources,
            scratch.pointer, columns)
          kernels.multiply_packed(
            range.count, weights.outputs, columns, scratch.pointer, columns,
            weights.panels(of: group), target + group * weights.outputs, ldy, false)
        }
      }
      if let bias = bias.pointer { kernels.add_to_rows(range.count, ldy, bias, target, ldy) }
      if rectified { kernels.rectify(range.count * ldy, target, target) }
      withExtendedLifetime(scratch) {}
    }
  }

  /// d weight [out, in/groups, taps…] = Σ over rows of gathered xᵀ · dy.
  static func weightGradient(
    _ table: TapTable, repeats: Int, _ x: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
    groups: Int, shape: [Int]
  ) -> Tensor {
    let rows = repeats * table.outputRows
    let (out, inputs) = (shape[0] / groups, shape[1])
    let taps = table.taps
    let (columns, ldx, ldy) = (taps * inputs, groups * inputs, groups * out)
    let size = blockRows(rows, columns: columns)
    let blocks = rows == 0 ? 0 : (rows + size - 1) / size
    // Partial sums of a few stretches of blocks, added in order.
    let pieces = min(blocks, 8)
    let count = columns * ldy
    let partial = Storage(count: max(1, pieces) * count)
    partial.pointer.update(repeating: 0, count: partial.count)
    let (x, dy, sums) = (Shared(x), Shared(dy), Shared(partial.pointer))
    if columns > 0 && out > 0 {
      Threads.forEachFlushingDenormals(pieces) { piece in
        for block in piece * blocks / pieces..<(piece + 1) * blocks / pieces {
          let range = block * size..<min(rows, (block + 1) * size)
          let gathered = Storage(count: range.count * columns)
          let turned = Storage(count: range.count * columns)
          let packed = Storage(count: kernels.packed_count(range.count, out))
          withSources(of: table, range) { sources, firstRow in
            for group in 0..<groups {
              kernels.gather_taps(
                range.count, taps, inputs, x.pointer + firstRow * ldx + group * inputs, ldx,
                sources, gathered.pointer, columns)
              kernels.transpose(
                range.count, columns, gathered.pointer, columns, turned.pointer, range.count)
              kernels.pack(
                range.count, out, dy.pointer + range.lowerBound * ldy + group * out, ldy, false,
                packed.pointer)
              kernels.multiply_packed(
                columns, out, range.count, turned.pointer, range.count, packed.pointer,
                sums.pointer + piece * count + group * columns * out, out, true)
            }
          }
          withExtendedLifetime((gathered, turned, packed)) {}
        }
      }
    }
    for piece in 1..<max(1, pieces) {
      kernels.add(count, partial.pointer, partial.pointer + piece * count, partial.pointer)
    }
    // [group, tap, in, out] to [group, out, in, tap].
    defer { withExtendedLifetime(partial) {} }
    return Tensor.build(shape: shape) { target in
      guard let target = target.baseAddress else { return }
      for group in 0..<groups {
        let source = partial.pointer + group * columns * out
        for output in 0..<out {
          let place = target + (group * out + output) * columns
          for tap in 0..<taps {
            for input in 0..<inputs {
              place[input * taps + tap] = source[(tap * inputs + input) * out + output]
            }
          }
        }
      }
    }
  }

  /// Calls `body` with the sources of `rows` and the input row that they count from.
  private static func withSources(
    of table: TapTable, _ rows: Range<Int>, _ body: (UnsafePointer<Int32>, Int) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: rows.count * table.taps) { buffer in
      guard let base = buffer.baseAddress else { return }
      table.write(rows, to: base)
      body(base, rows.lowerBound / table.outputRows * table.inputRows)
    }
  }
}
