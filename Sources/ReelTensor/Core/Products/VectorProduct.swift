import CReelKernels

/// Products of a matrix of weights with one vector, which are bound by reading the weights: in
/// whichever format those are held.
package enum VectorProduct {
  /// Weights that stay in one core's cache from one step to the next; beyond that one thread alone
  /// would wait for memory.
  package static let cachedBytes = 1 << 21
  /// Products below it take less time than handing a part of them to another thread.
  private static let smallestSharedBytes = 1 << 19
  /// Weights that fill much of a core's second-level cache, for which the order of reading matters, and
  /// rows that are read in ascending order where the whole is read descending.
  private static let (orderedBytes, descendingRows) = (1 << 19, 64)

  /// y = W·x + bias, or y += W·x + bias with `accumulate`, on the calling thread or on several.
  ///
  /// - Parameters:
  ///   - offset: where the first of `rows` rows begins among `weight`, whose rows lie `stride` apart.
  ///   - descending: the last rows first. Weights that fill the cache and are read again and again, every
  ///     other time descending, begin with what is still there; read always from the first row on, each row
  ///     would be dropped just before it is due.
  package static func compute(
    rows: Int, columns: Int, _ weight: Storage, offset: Int = 0, stride: Int? = nil,
    _ x: UnsafePointer<Float>, bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>,
    accumulate: Bool, isShared: Bool = false, descending: Bool = false
  ) {
    let stride = stride ?? columns
    let bytes = rows * columns * (weight.narrow?.format ?? .float32).byteCount
    // A quarter of the rows each, in whole tiles.
    let isShared = isShared && bytes >= smallestSharedBytes
    let descending = descending && !isShared && bytes >= orderedBytes
    let size = max(64, (rows / 4 + 63) / 64 * 64)
    let (x, y, bias) = (Shared(x), Shared(y), Shared(bias))

    func eachRange(_ body: @Sendable (Range<Int>, UnsafePointer<Float>?) -> Void) {
      @Sendable func run(_ range: Range<Int>) {
        var end = range.upperBound
        while end > range.lowerBound {
          let start =
            descending ? max(range.lowerBound, end - descendingRows) : range.lowerBound
          body(start..<end, bias.pointer.map { $0 + start })
          end = start
        }
      }
      guard isShared else { return run(0..<rows) }
      // Whoever takes a range, its denormal numbers count the same.
      Threads.forEachFlushingDenormals((rows + size - 1) / size) { piece in
        run(piece * size..<min(rows, (piece + 1) * size))
      }
    }

    guard let narrow = weight.narrow else {
      let first = Shared(UnsafePointer(weight.pointer + offset))
      eachRange { range, bias in
        kernels.multiply_vector(
          range.count, columns, first.pointer + range.lowerBound * stride, stride, x.pointer, bias,
          y.pointer + range.lowerBound, accumulate)
      }
      return
    }
    precondition(
      narrow.columns == stride,
      "VectorProduct: rows of \(narrow.columns) weights are read as rows of \(stride)")
    if narrow.format == .bfloat16 {
      eachRange { range, bias in
        kernels.multiply_vector_bfloat16(
          range.count, columns, narrow.halves + offset + range.lowerBound * stride, stride,
          x.pointer, bias, y.pointer + range.lowerBound, accumulate)
      }
      return
    }
    let firstRow = stride == 0 ? 0 : offset / stride
    withUnsafeTemporaryAllocation(of: Int16.self, capacity: max(columns, 1)) { steps in
      guard let base = steps.baseAddress else { return }
      let scale = kernels.quantize(columns, x.pointer, base)
      let quantized = Shared(UnsafePointer(base))
      narrow.scales.withUnsafeBufferPointer { scales in
        let scales = Shared(scales.baseAddress)
        eachRange { range, bias in
          kernels.multiply_vector_int8(
            range.count, columns, narrow.integers + offset + range.lowerBound * stride, stride,
            scales.pointer.map { $0 + firstRow + range.lowerBound }, quantized.pointer, scale, bias,
            y.pointer + range.lowerBound, accumulate)
        }
      }
    }
  }
}
