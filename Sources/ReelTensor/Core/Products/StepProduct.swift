import CReelKernels

/// Products of a few rows at a time with the same weights: what every time step of a recurrent
/// layer does. Used more than once, the weights are packed first; packing costs about one reading
/// of them, after which a product with 8 rows runs near the processor's limit. A single row reads them as
/// they are.
package final class StepProduct: @unchecked Sendable {
  /// How often a product will be used, and with how many rows at most.
  package struct Use: Sendable {
    package let times: Int
    package let rows: Int
    /// Whether the calling thread is the only one at work, so that others may help it.
    package let isShared: Bool
    /// Whether the weights are likely to be used again after these products, as they are: then their
    /// storage keeps them packed.
    package let isKept: Bool

    package init(times: Int, rows: Int, isShared: Bool = false, isKept: Bool = false) {
      (self.times, self.rows, self.isShared, self.isKept) = (times, rows, isShared, isKept)
    }
  }

  /// Length summed over, and columns of the result.
  package let k: Int
  package let n: Int
  private let weight: Storage
  private let offset: Int
  private let stride: Int
  private let isTransposed: Bool
  private let isShared: Bool
  /// Row by row, each reading the weights as they are: decided by the use, for how a batch is divided
  /// depends on the threads.
  private let goesByRows: Bool
  private let packed: Storage?
  private let split: (right: SplitRight, products: reel_split_products)?

  /// A product with the right operand of k×n at `offset` floats from the start of `storage`;
  /// `transposed` reads it from n rows of k (a weight matrix W, for products with Wᵀ).
  package init(
    k: Int, n: Int, _ storage: Storage, offset: Int, stride: Int, transposed: Bool, use: Use
  ) {
    self.k = k
    self.n = n
    (weight, self.offset, self.stride, isTransposed) = (storage, offset, stride, transposed)
    isShared = use.isShared
    goesByRows = transposed && use.rows <= AffineProduct.fewRows
    func source() -> MatrixOperand {
      MatrixOperand(storage.pointer + offset, stride: stride, transposed: transposed)
    }
    func kept(_ order: PackedForm.Order) -> KeptRight? {
      guard use.isKept else { return nil }
      return KeptRight(
        storage: storage,
        form: PackedForm(
          order, k: k, n: n, offset: offset, stride: stride, transposed: transposed))
    }
    if let splitProducts, Self.isSplit(k: k, n: n, use) {
      split = (
        SplitRight(k: k, n: n, source(), splitProducts, kept: kept(.parts(splitProducts.parts))),
        splitProducts
      )
      packed = nil
      return
    }
    split = nil
    // A single row reads the weights once at each step, packed or not.
    if use.times > 1 && !(use.rows == 1 && transposed) {
      func pack() -> Storage {
        let packed = Storage(count: kernels.packed_count(k, n))
        kernels.pack(k, n, source().pointer, stride, transposed, packed.pointer)
        return packed
      }
      packed = kept(.panels)?.packed(pack) ?? pack()
    } else {
      packed = nil
    }
  }

  /// Where products of parts pay. For a matrix unit the weights take half as much room again, and must
  /// stay in the second-level cache from step to step unless many rows share what is read.
  private static let (fewestUses, fewestRows, manyRows, cachedFloats) = (4, 8, 32, 450_000)

  /// Whether such a product is one of bfloat16 parts.
  package static func isSplit(k: Int, n: Int, _ use: Use) -> Bool {
    guard let splitProducts, use.times >= fewestUses, SplitProduct.pays(k: k, n: n)
    else { return false }
    // Without tiles, parts take half the room of floats; a single row reads the weights as they are.
    guard splitProducts.on_tiles else { return use.rows > 1 }
    guard use.rows >= fewestRows else { return false }
    return use.rows >= manyRows || splitProducts.columns_length(k, n) <= cachedFloats
  }

  /// C (rows×n) = or += A (rows×k) · B, on the calling thread, and on others where the use says so.
  package func multiply(
    rows: Int, _ a: UnsafePointer<Float>, stride lda: Int,
    into c: UnsafeMutablePointer<Float>, stride ldc: Int, accumulate: Bool
  ) {
    if let (right, products) = split {
      multiply(rows, a, lda, right, products, c, ldc, accumulate)
    } else if let packed {
      multiply(rows, a, lda, packed, c, ldc, accumulate)
    } else if goesByRows {
      for row in 0..<rows {
        VectorProduct.compute(
          rows: n, columns: k, weight, offset: offset, stride: stride, a + row * lda, bias: nil,
          into: c + row * ldc, accumulate: accumulate, isShared: isShared)
      }
    } else {
      OpenBLAS.multiply(
        rows, n, k, a, lda, transposeA: false, weight.pointer + offset, stride,
        transposeB: isTransposed, c, ldc, accumulate: accumulate)
    }
  }

  /// Rows from which a batch is divided among threads, and weights from which handing a part of them to
  /// another thread takes less time than it saves.
  private static let (manySharedRows, smallestShared) = (8, 1 << 17)
  /// Columns that one thread takes at a time, a multiple of every kernel's panel, and the fewest that may
  /// be left for the last one: with fewer, panels are divided otherwise.
  private static let (sharedColumns, fewestColumns) = (48, 17)

  private func multiply(
    _ rows: Int, _ a: UnsafePointer<Float>, _ lda: Int, _ packed: Storage,
    _ c: UnsafeMutablePointer<Float>, _ ldc: Int, _ accumulate: Bool
  ) {
    let (left, right, target) = (Shared(a), Shared(packed.pointer), Shared(c))
    let k = k
    forEachPiece(rows: rows) { columns in
      let first = columns.lowerBound
      kernels.multiply_packed(
        rows, columns.count, k, left.pointer, lda, right.pointer + first * k,
        target.pointer + first, ldc, accumulate)
    }
  }

  /// Columns that one thread takes at a time, where others may help it; otherwise all of them.
  private func forEachPiece(rows: Int, _ body: @Sendable (_ columns: Range<Int>) -> Void) {
    guard isShared, rows < Self.manySharedRows, k * n >= Self.smallestShared else {
      body(0..<n)
      return
    }
    let n = n
    let pieces = (n - Self.fewestColumns) / Self.sharedColumns + 1
    // The last columns first: they may be more than the others.
    Threads.forEachFlushingDenormals(pieces) { turn in
      let first = (pieces - 1 - turn) * Self.sharedColumns
      body(first..<(turn == 0 ? n : first + Self.sharedColumns))
    }
  }

  private func multiply(
    _ rows: Int, _ a: UnsafePointer<Float>, _ lda: Int, _ right: SplitRight,
    _ products: reel_split_products, _ c: UnsafeMutablePointer<Float>, _ ldc: Int,
    _ accumulate: Bool
  ) {
    let left = SplitLeft(rows: rows, k: min(k, SplitRight.depth), products)
    let (n, target) = (n, Shared(c))
    for start in Swift.stride(from: 0, to: k, by: SplitRight.depth) {
      let depth = min(SplitRight.depth, k - start)
      products.split_rows(
        rows, depth, a + start, lda, left.storage.pointer, products.row_length(depth))
      forEachPiece(rows: rows) { columns in
        let first = columns.lowerBound
        products.multiply(
          rows, columns.count, depth, left.storage.pointer,
          right.pointer(row: start, column: first, of: n), nil, target.pointer + first, ldc,
          accumulate || start > 0)
      }
    }
    withExtendedLifetime(left) {}
  }
}
