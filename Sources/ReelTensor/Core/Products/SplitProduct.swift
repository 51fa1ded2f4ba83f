import CReelKernels

/// The processor's products of bfloat16 parts at the precision asked for here, or nil: see
/// `reel_split_products`. An operand is split into bfloat16 parts once and multiplied often, with the
/// products it was split for.
package var splitProducts: reel_split_products? { splitProductsTable?.pointee }

/// The same where it lies: a reference that threads can share for nothing.
var splitProductsTable: UnsafePointer<reel_split_products>? {
  kernels.split?[ProductPrecision.current.index]
}

/// The measures of a tile: rows or columns, and values of k that one tile product sums over.
enum SplitTile {
  static let (side, depth) = (16, 32)

  /// `count`, filled up to whole tiles.
  static func whole(_ count: Int, of size: Int = side) -> Int { (count + size - 1) / size * size }
}

/// A right operand of k×n in parts.
struct SplitRight: @unchecked Sendable {
  private let parts: Storage
  private let products: reel_split_products
  private let k: Int
  /// Terms of the sum that lie together, one after the other: as many as in products of floats.
  static let depth = Product.depth

  /// Columns that one thread splits at a time.
  private static let stretch = 64

  /// - Parameter kept: where the parts are kept for other products; nil: nowhere.
  init(
    k: Int, n: Int, _ source: MatrixOperand, _ products: reel_split_products,
    kept: KeptRight? = nil
  ) {
    func split() -> Storage { Self.split(k: k, n: n, source, products) }
    self.init(parts: kept?.packed(split) ?? split(), k: k, products: products)
  }

  private init(parts: Storage, k: Int, products: reel_split_products) {
    (self.parts, self.k, self.products) = (parts, k, products)
  }

  private static func split(
    k: Int, n: Int, _ source: MatrixOperand, _ products: reel_split_products
  ) -> Storage {
    let depths = (k + Self.depth - 1) / Self.depth
    let parts = Storage(count: depths * products.columns_length(min(k, Self.depth), n))
    let right = SplitRight(parts: parts, k: k, products: products)
    let stretches = (n + Self.stretch - 1) / Self.stretch
    Threads.forEach(depths * stretches) { index in
      let column = index % stretches * Self.stretch
      let start = index / stretches * Self.depth
      let operand = source.at(row: start, column: column)
      products.split_columns(
        min(Self.depth, k - start), min(Self.stretch, n - column), operand.pointer,
        operand.stride, operand.transposed, right.pointer(row: start, column: column, of: n),
        products.columns_length(min(Self.depth, k - start), SplitTile.side))
    }
    return parts
  }

  /// Where the columns from `column` on begin, a multiple of 16, over the values of k from `row` on, a
  /// multiple of `depth`.
  func pointer(row: Int, column: Int, of n: Int) -> UnsafeMutablePointer<Float> {
    parts.pointer + row / Self.depth * products.columns_length(min(k, Self.depth), n)
      + products.columns_length(min(Self.depth, k - row), column)
  }
}

/// Rows of a left operand in parts, room for which is there before the values are: whole tiles of them,
/// for a tile is read whole.
struct SplitLeft: Sendable {
  let storage: Storage

  init(rows: Int, k: Int, _ products: reel_split_products) {
    storage = Storage(count: SplitTile.whole(rows) * products.row_length(k))
  }
}

/// A large product of bfloat16 parts.
struct SplitProduct: @unchecked Sendable {
  let product: Product
  let products: reel_split_products

  /// Sides of an operand that is split once and used often, below which tiles would be mostly empty, and
  /// vectors as well.
  static func pays(k: Int, n: Int) -> Bool { min(k, n) >= 24 }

  /// Rows of a piece, whose parts stay in the second-level cache; fewer where there would otherwise not
  /// be so many pieces.
  private static let tallest = 256
  private var lowest: Int { products.on_tiles ? 128 : 32 }
  private static let fewestPieces = 8
  /// Columns below which a piece would split its rows for too few products.
  private var fewestColumns: Int { products.on_tiles ? 256 : 144 }

  func multiply() {
    for (start, length) in product.stretches() { multiply(start, length) }
  }

  /// Adds the terms of the sum from `start` on; those from 0 on begin it.
  private func multiply(_ start: Int, _ length: Int) {
    let (m, n) = (product.m, product.n)
    let right = SplitRight(
      k: length, n: n, product.b.at(row: start, column: 0), products,
      kept: product.kept(.parts(products.parts)))
    let rowPieces = max(
      (m + Self.tallest - 1) / Self.tallest,
      min(Self.fewestPieces, (m + lowest - 1) / lowest))
    let rows = SplitTile.whole((m + rowPieces - 1) / rowPieces)
    let columnPieces = max(
      1, min(n / fewestColumns, (Self.fewestPieces + rowPieces - 1) / rowPieces))
    let columns = SplitTile.whole((n + columnPieces - 1) / columnPieces, of: 2 * SplitTile.side)
    Threads.forEachFlushingDenormals(rowPieces * columnPieces) { index in
      let (row, column) = (index % rowPieces * rows, index / rowPieces * columns)
      guard row < m, column < n else { return }
      multiplyPiece(
        row..<min(m, row + rows), column..<min(n, column + columns), right, start, length)
    }
    withExtendedLifetime(right) {}
  }

  private func multiplyPiece(
    _ rows: Range<Int>, _ columns: Range<Int>, _ right: SplitRight, _ first: Int, _ k: Int
  ) {
    let stride = product.stride
    let deepest = min(k, SplitRight.depth)
    let left = SplitLeft(rows: rows.count, k: deepest, products)
    let turned = product.a.transposed ? Storage(count: rows.count * deepest) : nil
    for start in Swift.stride(from: 0, to: k, by: SplitRight.depth) {
      let depth = min(SplitRight.depth, k - start)
      let source = product.a.at(row: rows.lowerBound, column: first + start)
      if let turned {
        kernels.transpose(
          depth, rows.count, source.pointer, source.stride, turned.pointer, depth)
      }
      products.split_rows(
        rows.count, depth, turned.map { UnsafePointer($0.pointer) } ?? source.pointer,
        turned == nil ? source.stride : depth, left.storage.pointer, products.row_length(depth))
      products.multiply(
        rows.count, columns.count, depth, left.storage.pointer,
        right.pointer(row: start, column: columns.lowerBound, of: product.n),
        product.bias.map { $0 + columns.lowerBound },
        product.c + rows.lowerBound * stride + columns.lowerBound, stride,
        product.accumulates || first + start > 0)
    }
    withExtendedLifetime((left, turned)) {}
  }
}
