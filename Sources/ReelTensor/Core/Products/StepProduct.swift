import CReelKernels

/// Products of a few rows at a time with the same weights: what every time step of a recurrent
/// layer does. Used more than once, the weights are packed first (those of 8 bits for a prediction
/// whenever several rows meet them); packing costs about one reading
/// of them, after which a product with 8 rows runs near the processor's limit. A single row reads them as
/// they are.
package final class StepProduct: @unchecked Sendable {
  /// How often a product will be used, and with how many rows at most.
  package struct Use: Sendable {
    package let times: Int
    package let rows: Int
    /// Whether the calling thread is the only one at work, so that others may help it.
    package let isShared: Bool
    /// Whether the weights are likely to be used again after these products, as they are, because nobody
    /// trains: then their storage keeps them packed, and those of 8 bits meet rows in integers.
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
  private let right: Right

  /// The weights as the product reads them.
  private enum Right {
    /// As they lie.
    case unpacked
    case panels(Storage)
    case parts(SplitRight, UnsafePointer<reel_split_products>)
    case bytes(ByteProduct)
  }

  /// A product with the right operand of k×n at `offset` floats from the start of `storage`;
  /// `transposed` reads it from n rows of k (a weight matrix W, for products with Wᵀ).
  package init(
    k: Int, n: Int, _ storage: Storage, offset: Int, stride: Int, transposed: Bool, use: Use
  ) {
    self.k = k
    self.n = n
    (weight, self.offset, self.stride, isTransposed) = (storage, offset, stride, transposed)
    isShared = use.isShared
    // Of weights that are not transposed, packed ones have columns for several threads.
    goesByRows = transposed ? use.rows <= AffineProduct.fewRows : use.rows == 1 && !use.isShared
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
    // A single row reads the weights once at each step, packed or not.
    let isPacked = use.times > 1 && !(use.rows == 1 && goesByRows)
    if use.isKept, transposed, isPacked || !goesByRows,
      let product = ByteProduct(k: k, n: n, storage, offset: offset, stride: stride)
    {
      right = .bytes(product)
    } else if let products = splitProductsTable, Self.isSplit(k: k, n: n, use) {
      let kept = kept(.parts(products.pointee.parts))
      right = .parts(SplitRight(k: k, n: n, source(), products.pointee, kept: kept), products)
    } else if isPacked {
      func pack() -> Storage {
        let packed = Storage(count: kernels.packed_count(k, n))
        kernels.pack(k, n, source().pointer, stride, transposed, packed.pointer)
        return packed
      }
      right = .panels(kept(.panels)?.packed(pack) ?? pack())
    } else {
      right = .unpacked
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
  ///
  /// - Parameter turn: counts the products. Where single rows read the weights, each other time they do so
  ///   from the last to the first.
  package func multiply(
    rows: Int, _ a: UnsafePointer<Float>, stride lda: Int,
    into c: UnsafeMutablePointer<Float>, stride ldc: Int, accumulate: Bool, turn: Int = 0
  ) {
    if case .panels(let packed) = right, !(isShared && Self.divides(rows: rows, weights: k * n)) {
      kernels.multiply_packed(rows, n, k, a, lda, packed.pointer, c, ldc, accumulate)
    } else if isPacked {
      Self.multiplyPacked(
        rows: rows, [(self, a, lda)], into: c, stride: ldc, accumulate: accumulate)
    } else if goesByRows, !isTransposed {
      for row in 0..<rows {
        kernels.multiply_vector_transposed(
          k, n, weight.pointer + offset, stride, a + row * lda, c + row * ldc, accumulate)
      }
    } else if goesByRows {
      for row in 0..<rows {
        VectorProduct.compute(
          rows: n, columns: k, weight, offset: offset, stride: stride, a + row * lda, bias: nil,
          into: c + row * ldc, accumulate: accumulate, isShared: isShared,
          descending: (turn * rows + row) % 2 == 1)
      }
    } else {
      OpenBLAS.multiply(
        rows, n, k, a, lda, transposeA: false, weight.pointer + offset, stride,
        transposeB: isTransposed, c, ldc, accumulate: accumulate)
    }
  }

  /// C (rows×n) = A·B where each row is added to n values of its own, as to a row of a table, on the calling
  /// thread, and on others where the use says so.
  ///
  /// - Parameter starts: where these values are, one pointer for each row.
  package func multiply(
    rows: Int, _ a: UnsafePointer<Float>, stride lda: Int,
    addedTo starts: UnsafePointer<UnsafePointer<Float>?>, into c: UnsafeMutablePointer<Float>,
    stride ldc: Int, turn: Int = 0
  ) {
    if !(isShared && Self.divides(rows: rows, weights: k * n)) {
      switch right {
      case .panels(let packed):
        kernels.add_packed_product(rows, n, k, a, lda, packed.pointer, starts, c, ldc)
        return
      case .bytes(let product):
        product.multiply(rows: rows, a, stride: lda, from: .rows(starts), into: c, stride: ldc)
        return
      case .parts(let right, let products):
        guard k <= SplitRight.depth, let add = products.pointee.add_product,
          let left = left(rows, a, lda).first
        else { break }
        add(rows, n, k, left.pointer, right.pointer(row: 0, column: 0, of: n), starts, c, ldc)
        withExtendedLifetime(left) {}
        return
      case .unpacked: break
      }
    }
    for row in 0..<rows {
      guard let start = starts[row] else {
        preconditionFailure("StepProduct: row \(row) is added to nothing")
      }
      (c + row * ldc).update(from: start, count: n)
    }
    multiply(
      rows: rows, a, stride: lda, into: c, stride: ldc, accumulate: true, turn: turn)
  }

  /// A product and its left operand.
  package typealias Term = (product: StepProduct, left: UnsafePointer<Float>, stride: Int)

  /// C (rows×n) = or += Σ Aᵢ·Bᵢ: the products one after the other, or, bit for bit the same, each thread's
  /// columns of all of them, so that threads meet once.
  package static func multiply(
    rows: Int, _ terms: [Term], into c: UnsafeMutablePointer<Float>, stride ldc: Int,
    accumulate: Bool
  ) {
    precondition(
      terms.allSatisfy { $0.product.n == terms[0].product.n },
      "StepProduct: products of \(terms.map(\.product.n)) columns have no sum")
    if terms.allSatisfy({ $0.product.isPacked }) {
      multiplyPacked(rows: rows, terms, into: c, stride: ldc, accumulate: accumulate)
      return
    }
    for (index, term) in terms.enumerated() {
      term.product.multiply(
        rows: rows, term.left, stride: term.stride, into: c, stride: ldc,
        accumulate: accumulate || index > 0)
    }
  }

  /// Whether both factors have 8 bits.
  package var isOfEightBits: Bool {
    if case .bytes(let product) = right { product.isOfEightBits } else { false }
  }

  private var isPacked: Bool {
    if case .unpacked = right { false } else { true }
  }

  /// Rows from which a batch is divided among threads, and weights from which handing a part of them to
  /// another thread takes less time than it saves.
  private static let (manySharedRows, smallestShared) = (8, 1 << 17)

  /// Whether threads take columns of products that they share.
  private static func divides(rows: Int, weights: Int) -> Bool {
    rows < manySharedRows && weights >= smallestShared
  }

  private static func multiplyPacked(
    rows: Int, _ terms: [Term], into c: UnsafeMutablePointer<Float>, stride ldc: Int,
    accumulate: Bool
  ) {
    guard let n = terms.first?.product.n else { return }
    let lefts = terms.map { $0.product.left(rows, $0.left, $0.stride) }
    let addends = zip(terms, lefts).flatMap { $0.product.addends($0.left, $0.stride, $1) }
    let target = Shared(c)
    @Sendable func multiply(_ columns: Range<Int>) {
      var accumulate = accumulate
      for addend in addends {
        addend.add(
          rows, columns, into: target.pointer + columns.lowerBound, ldc, accumulate: accumulate)
        accumulate = true
      }
    }
    let weights = terms.reduce(0) { $0 + $1.product.k * n }
    if terms.allSatisfy({ $0.product.isShared }), divides(rows: rows, weights: weights) {
      let pieces = ColumnPieces(of: n)
      Threads.forEachFlushingDenormals(pieces.count) { multiply(pieces[$0]) }
    } else {
      multiply(0..<n)
    }
    withExtendedLifetime((lefts, terms)) {}
  }

  /// The left operand as the product reads it: in parts, a stretch of k each, or in integers; nothing for a
  /// product of floats.
  private func left(_ rows: Int, _ a: UnsafePointer<Float>, _ lda: Int) -> [Storage] {
    switch right {
    case .unpacked, .panels: return []
    case .bytes(let product): return [product.quantized(rows: rows, a, stride: lda)]
    case .parts(_, let products):
      return Swift.stride(from: 0, to: k, by: SplitRight.depth).map { start in
        let depth = min(SplitRight.depth, k - start)
        let left = SplitLeft(rows: rows, k: depth, products.pointee)
        products.pointee.split_rows(
          rows, depth, a + start, lda, left.storage.pointer, products.pointee.row_length(depth))
        return left.storage
      }
    }
  }

  /// What its columns are the sum of.
  ///
  /// - Parameter made: what `left` made of the rows.
  private func addends(
    _ a: UnsafePointer<Float>, _ lda: Int, _ made: [Storage]
  ) -> [Addend] {
    switch right {
    case .unpacked: []
    case .panels(let packed): [Addend(left: a, right: .panels(packed.pointer, k: k, stride: lda))]
    case .bytes(let product):
      made.map { Addend(left: $0.pointer, right: .bytes(product.withoutReferences)) }
    case .parts(let right, let products):
      made.enumerated().map { index, left in
        let start = index * SplitRight.depth
        return Addend(
          left: left.pointer,
          right: .parts(
            right.pointer(row: start, column: 0, of: n), k: min(SplitRight.depth, k - start),
            products))
      }
    }
  }
}

/// A packed product, or a stretch of k of one, without references: threads that count the same ones wait for
/// one another.
private struct Addend: @unchecked Sendable {
  let left: UnsafePointer<Float>
  let right: Right

  /// All columns.
  enum Right {
    case panels(UnsafePointer<Float>, k: Int, stride: Int)
    case parts(UnsafePointer<Float>, k: Int, UnsafePointer<reel_split_products>)
    case bytes(ByteProduct.Columns)
  }

  /// Some columns of C = or += A·B.
  func add(
    _ rows: Int, _ columns: Range<Int>, into c: UnsafeMutablePointer<Float>, _ ldc: Int,
    accumulate: Bool
  ) {
    let (first, count) = (columns.lowerBound, columns.count)
    switch right {
    case .panels(let right, let k, let stride):
      kernels.multiply_packed(
        rows, count, k, left, stride, right + first * k, c, ldc, accumulate)
    case .parts(let right, let k, let products):
      products.pointee.multiply(
        rows, count, k, left, right + products.pointee.columns_length(k, first), nil, c, ldc,
        accumulate)
    case .bytes(let right):
      right.multiply(
        rows: rows, left, columns, from: accumulate ? .target : .zeros, into: c, stride: ldc)
    }
  }
}

/// Columns of a product that one thread takes at a time.
private struct ColumnPieces: Sendable {
  /// Columns of a piece.
  private static let width = Product.panelColumns
  private let whole: Int
  /// The last columns, in one piece, or in two of one panel each: two threads then do the same.
  private let rest: [Range<Int>]

  init(of n: Int) {
    whole = (n - Product.fewestColumns) / Self.width
    let first = whole * Self.width
    let panel = kernels.panel_width(n - first)
    rest =
      panel < n - first && n - first <= 2 * panel
      ? [first..<first + panel, first + panel..<n] : [first..<n]
  }

  var count: Int { whole + rest.count }

  /// The last columns first: they may be more than the others.
  subscript(turn: Int) -> Range<Int> {
    guard turn >= rest.count else { return rest[turn] }
    let first = (count - 1 - turn) * Self.width
    return first..<first + Self.width
  }
}
