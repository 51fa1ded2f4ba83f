import CReelKernels

/// Products of a few rows at a time with the same weights: what every time step of a recurrent
/// layer does. Used more than once, the weights are packed first; packing costs about one reading
/// of them, after which a product with 8 rows runs near the processor's limit.
package final class StepProduct: @unchecked Sendable {
  /// Length summed over, and columns of the result.
  package let k: Int
  package let n: Int
  private let source: MatrixOperand
  private let packed: Storage?
  // Keeps what `source` points to.
  private let owner: Storage

  /// A product with the right operand of k×n at `offset` floats from the start of `storage`;
  /// `transposed` reads it from n rows of k (a weight matrix W, for products with Wᵀ).
  package init(
    k: Int, n: Int, _ storage: Storage, offset: Int, stride: Int, transposed: Bool, uses: Int
  ) {
    self.k = k
    self.n = n
    owner = storage
    source = MatrixOperand(storage.pointer + offset, stride: stride, transposed: transposed)
    if uses > 1 {
      let packed = Storage(count: kernels.packed_count(k, n))
      kernels.pack(k, n, source.pointer, stride, transposed, packed.pointer)
      self.packed = packed
    } else {
      packed = nil
    }
  }

  /// C (rows×n) = or += A (rows×k) · B, on the calling thread.
  package func multiply(
    rows: Int, _ a: UnsafePointer<Float>, stride lda: Int,
    into c: UnsafeMutablePointer<Float>, stride ldc: Int, accumulate: Bool
  ) {
    if let packed {
      kernels.multiply_packed(rows, n, k, a, lda, packed.pointer, c, ldc, accumulate)
    } else if source.transposed && rows <= AffineProduct.fewRows {
      for row in 0..<rows {
        kernels.multiply_vector(
          n, k, source.pointer, source.stride, a + row * lda, nil, c + row * ldc, accumulate)
      }
    } else {
      OpenBLAS.multiply(
        rows, n, k, a, lda, transposeA: false, source.pointer, source.stride,
        transposeB: source.transposed, c, ldc, accumulate: accumulate)
    }
  }
}
