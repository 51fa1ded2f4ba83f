import CReelKernels

/// C = bias + A₁·B₁ + A₂·B₂ in bfloat16 parts, for a few rows at a time and always the same right
/// operands: what a recurrent step needs, the input's product and the hidden state's, as one. The sums
/// stay in the registers from one product to the next, bit for bit what the two give one after the other.
package final class StackedProduct: @unchecked Sendable {
  private let products: reel_split_products
  private let depths: [Int]
  private let n: Int
  private let bias: UnsafePointer<Float>?
  private let right: Storage
  // Keeps the bias.
  private let owner: Storage?

  /// Rows from which reading so many weights at each step pays.
  private static let fewestRows = 48

  /// nil where the products by themselves are the better way.
  ///
  /// - Parameters:
  ///   - weights: Wᵢ, each [n, kᵢ], with Bᵢ = Wᵢᵀ; the first one meets the input.
  ///   - bias: n values or none.
  ///   - rows: about how many rows a product will have.
  ///   - total: the rows of all products together.
  package init?(weights: [Tensor], bias: Tensor?, rows: Int, total: Int) {
    guard let splitProducts, rows >= Self.fewestRows,
      let first = weights.first,
      // Otherwise the first product by itself would not give the same bits.
      MatrixProduct.isSplit(m: total, n: first.shape[0], k: first.shape[1]),
      weights.allSatisfy({ SplitProduct.pays(k: $0.shape[1], n: $0.shape[0]) })
    else { return nil }
    products = splitProducts
    depths = weights.map { $0.shape[1] }
    n = weights[0].shape[0]
    owner = bias?.storage
    self.bias = owner.map { UnsafePointer($0.pointer) }
    let (n, depths) = (n, depths)
    let length = depths.map { splitProducts.columns_length($0, SplitTile.side) }.reduce(0, +)
    right = Storage(count: SplitTile.whole(n) / SplitTile.side * length)
    let target = Shared(right.pointer)
    Threads.forEachRange(of: n, size: 64) { columns in
      var place = target.pointer + columns.lowerBound / SplitTile.side * length
      for (weight, k) in zip(weights, depths) {
        splitProducts.split_columns(
          k, columns.count, weight.storage.pointer + columns.lowerBound * k, k, true, place, length)
        place += splitProducts.columns_length(k, SplitTile.side)
      }
    }
  }

  /// C (rows×n) = bias + Σ Aᵢ·Bᵢ, on the calling thread.
  package func multiply(
    rows: Int, _ left: [(pointer: UnsafePointer<Float>, stride: Int)],
    into c: UnsafeMutablePointer<Float>, stride ldc: Int
  ) {
    let length = depths.map { products.row_length($0) }.reduce(0, +)
    let parts = Storage(count: SplitTile.whole(rows) * length)
    var place = parts.pointer
    var k = 0
    for (operand, depth) in zip(left, depths) {
      products.split_rows(rows, depth, operand.pointer, operand.stride, place, length)
      place += products.row_length(depth)
      k += SplitTile.whole(depth, of: SplitTile.depth)
    }
    products.multiply(rows, n, k, parts.pointer, right.pointer, bias, c, ldc, false)
    withExtendedLifetime(parts) {}
  }
}
