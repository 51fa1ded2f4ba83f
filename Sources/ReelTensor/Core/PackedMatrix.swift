/// A right operand packed once for many small products: what a recurrent step multiplies with.
///
/// Packing costs about one reading of the weights; after it a product with 8 rows runs near the
/// processor's limit.
package final class PackedMatrix: Sendable {
  /// Length summed over, and columns of the result.
  package let k: Int
  package let n: Int
  private let storage: Storage

  /// Packs k×n values: `transposed` reads n rows of k (a weight matrix W, for products with Wᵀ).
  package init(
    k: Int, n: Int, _ source: UnsafePointer<Float>, stride: Int, transposed: Bool
  ) {
    self.k = k
    self.n = n
    storage = Storage(count: kernels.packed_count(k, n))
    kernels.pack(k, n, source, stride, transposed, storage.pointer)
  }

  /// C (rows×n) = or += A (rows×k) · B, on the calling thread.
  package func multiply(
    rows: Int, _ a: UnsafePointer<Float>, stride lda: Int,
    into c: UnsafeMutablePointer<Float>, stride ldc: Int, accumulate: Bool
  ) {
    kernels.multiply_packed(rows, n, k, a, lda, storage.pointer, c, ldc, accumulate)
  }
}
