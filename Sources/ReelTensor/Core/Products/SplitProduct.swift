import CReelKernels

/// The products of the processor's matrix unit at the precision asked for here, or nil: see
/// `reel_split_products`. An operand is split into bfloat16 parts once and multiplied often, with the
/// products it was split for.
package var splitProducts: reel_split_products? {
  kernels.split?[ProductPrecision.current.index]?.pointee
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
  /// Lengths of the sum that lie together, one after the other: what a second-level cache holds of the
  /// left operand.
  static let depth = 512

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

/// A large product on the matrix unit.
struct SplitProduct: @unchecked Sendable {
  let product: Product
  let products: reel_split_products

  /// Sides of an operand that is split once and used often, below which tiles would be mostly empty.
  static func pays(k: Int, n: Int) -> Bool { min(k, n) >= 24 }

  /// Rows of a piece, whose parts stay in the second-level cache; fewer where there would otherwise not
  /// be so many pieces.
  private static let (tallest, lowest) = (256, 128)
  private static let fewestPieces = 8
  /// Columns below which a piece would split its rows for too few products.
  private static let fewestColumns = 256

  func multiply() {
    let (m, n) = (product.m, product.n)
    let right = SplitRight(
      k: product.k, n: n, product.b, products, kept: product.kept(.parts))
    let rowPieces = max(
      (m + Self.tallest - 1) / Self.tallest,
      min(Self.fewestPieces, (m + Self.lowest - 1) / Self.lowest))
    let rows = SplitTile.whole((m + rowPieces - 1) / rowPieces)
    let columnPieces = max(
      1, min(n / Self.fewestColumns, (Self.fewestPieces + rowPieces - 1) / rowPieces))
    let columns = SplitTile.whole((n + columnPieces - 1) / columnPieces, of: 2 * SplitTile.side)
    Threads.forEachFlushingDenormals(rowPieces * columnPieces) { index in
      let (row, column) = (index % rowPieces * rows, index / rowPieces * columns)
      guard row < m, column < n else { return }
      multiplyPiece(row..<min(m, row + rows), column..<min(n, column + columns), right)
    }
    withExtendedLifetime(right) {}
  }

  private func multiplyPiece(_ rows: Range<Int>, _ columns: Range<Int>, _ right: SplitRight) {
    let (k, stride) = (product.k, product.stride)
    let deepest = min(k, SplitRight.depth)
    let left = SplitLeft(rows: rows.count, k: deepest, products)
    let turned = product.a.transposed ? Storage(count: rows.count * deepest) : nil
    for start in Swift.stride(from: 0, to: k, by: SplitRight.depth) {
      let depth = min(SplitRight.depth, k - start)
      let source = product.a.at(row: rows.lowerBound, column: start)
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
        product.c + rows.lowerBound * stride + columns.lowerBound, stride, start > 0)
    }
    withExtendedLifetime((left, turned)) {}
  }
}
