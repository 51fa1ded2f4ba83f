import CReelKernels

/// Products of rows with weights of 8 bits, C = A·Wᵀ, on integers, where the processor sums products of bytes:
/// each row of A is quantized to 16 bits, or to 8 where `ProductPrecision.medium` allows that. For
/// prediction: nobody can go back through it.
struct ByteProduct: @unchecked Sendable {
  /// Length summed over, and columns of the result.
  let k: Int
  let n: Int
  private let digits: Int
  private let weights: Storage
  private let products: UnsafePointer<reel_byte_products>

  /// nil where the weights have another format, or the processor no such instruction.
  ///
  /// - Parameter storage: holds n rows of W, of which k columns are read, from `offset` weights on and
  ///   `stride` apart. It keeps them arranged for other products, in as much room as they take.
  init?(k: Int, n: Int, _ storage: Storage, offset: Int = 0, stride: Int) {
    guard k > 0, n > 0, let products = kernels.bytes, let narrow = storage.narrow,
      narrow.format == .int8
    else { return nil }
    precondition(
      narrow.columns == stride,
      "ByteProduct: rows of \(narrow.columns) weights are read as rows of \(stride)")
    func arranged() -> Storage {
      let weights = Storage(count: products.pointee.columns_length(k, n))
      let (table, target) = (Shared(products), Shared(weights.pointer))
      narrow.scales.withUnsafeBufferPointer { scales in
        let scales = Shared(scales.baseAddress.map { $0 + offset / stride })
        Threads.forEachRange(of: n, size: Self.arrangedColumns) { columns in
          let (table, first) = (table.pointer.pointee, columns.lowerBound)
          table.arrange_columns(
            k, columns.count, narrow.integers + offset + first * stride, stride,
            scales.pointer.map { $0 + first }, target.pointer + table.columns_length(k, first))
        }
      }
      return weights
    }
    let form = PackedForm(.bytes, k: k, n: n, offset: offset, stride: stride, transposed: true)
    weights = storage.packed(form, arranged)
    (self.k, self.n, self.products) = (k, n, products)
    digits = ProductPrecision.current == .medium ? 1 : 2
  }

  /// Columns that one thread arranges at a time, whole vectors.
  private static let arrangedColumns = 256

  /// Whether a row's integers have 8 bits, as the weights do.
  var isOfEightBits: Bool { digits == 1 }

  /// The rows of a batch in integers, which several products may read.
  struct QuantizedRows: Sendable {
    fileprivate let values: Storage
    fileprivate let count: Int
    fileprivate let k: Int
    fileprivate let digits: Int
  }

  /// Rows that one thread quantizes at a time.
  private static let rowsAtOnce = 256

  /// Many rows in integers, on all threads.
  func quantizedShared(rows: Int, _ a: UnsafePointer<Float>, stride lda: Int) -> QuantizedRows {
    let length = products.pointee.row_length(k, digits)
    let result = Storage(count: rows * length)
    let (source, target) = (Shared(a), Shared(result.pointer))
    Threads.forEachFlushingDenormals((rows + Self.rowsAtOnce - 1) / Self.rowsAtOnce) { piece in
      let first = piece * Self.rowsAtOnce
      products.pointee.quantize_rows(
        min(Self.rowsAtOnce, rows - first), k, digits, source.pointer + first * lda, lda,
        target.pointer + first * length)
    }
    return QuantizedRows(values: result, count: rows, k: k, digits: digits)
  }

  /// C (rows×n) = A·Wᵀ with the rows of A from `first` on, each added to what it starts from, on the calling thread.
  func multiply(
    rows: Int, _ a: QuantizedRows, first: Int, from starts: RowStarts,
    into c: UnsafeMutablePointer<Float>, stride ldc: Int
  ) {
    precondition(
      a.k == k && a.digits == digits && first >= 0 && first + rows <= a.count,
      "ByteProduct: rows \(first)..<\(first + rows) of \(a.count), \(a.k) values in \(a.digits) digits; "
        + "\(k) values in \(digits) digits expected")
    let left = a.values.pointer + first * products.pointee.row_length(k, digits)
    withoutReferences.multiply(rows: rows, left, 0..<n, from: starts, into: c, stride: ldc)
    withExtendedLifetime((self, a)) {}
  }

  /// Rows in integers.
  func quantized(rows: Int, _ a: UnsafePointer<Float>, stride lda: Int) -> Storage {
    let result = Storage(count: rows * products.pointee.row_length(k, digits))
    products.pointee.quantize_rows(rows, k, digits, a, lda, result.pointer)
    return result
  }

  /// The arranged weights without a reference to them, for who keeps the product.
  struct Columns: @unchecked Sendable {
    fileprivate let k: Int
    fileprivate let digits: Int
    fileprivate let weights: UnsafePointer<Float>
    fileprivate let products: UnsafePointer<reel_byte_products>

    /// Some columns, beginning with a multiple of 16, of C = A·Wᵀ, on the calling thread.
    ///
    /// - Parameters:
    ///   - left: rows in integers.
    ///   - starts: what each row is added to.
    ///   - c: the place of the first of these columns.
    func multiply(
      rows: Int, _ left: UnsafePointer<Float>, _ columns: Range<Int>, from starts: RowStarts,
      into c: UnsafeMutablePointer<Float>, stride ldc: Int
    ) {
      let products = products.pointee
      let right = weights + products.columns_length(k, columns.lowerBound)
      starts.withRows(rows, of: c, stride: ldc) { begin in
        products.multiply(rows, columns.count, k, digits, left, right, begin, c, ldc)
      }
    }
  }

  var withoutReferences: Columns {
    Columns(k: k, digits: digits, weights: weights.pointer, products: products)
  }

  /// C (rows×n) = A·Wᵀ, each row added to what it starts from, on the calling thread.
  func multiply(
    rows: Int, _ a: UnsafePointer<Float>, stride lda: Int, from starts: RowStarts,
    into c: UnsafeMutablePointer<Float>, stride ldc: Int
  ) {
    let left = quantized(rows: rows, a, stride: lda)
    withoutReferences.multiply(
      rows: rows, left.pointer, 0..<n, from: starts, into: c, stride: ldc)
    withExtendedLifetime((self, left)) {}
  }

  /// Most rows of a piece of a large product, and pieces that it has at least; where they would have fewer
  /// rows than that, columns are divided, too, unless there are few.
  private static let (tallest, lowest, fewestPieces, fewestColumns) = (256, 16, 8, 192)

  /// C (rows×n) = A·Wᵀ + bias for many rows, on all threads.
  func multiplyShared(
    rows: Int, _ a: UnsafePointer<Float>, stride lda: Int, bias: UnsafePointer<Float>?,
    into c: UnsafeMutablePointer<Float>, stride ldc: Int
  ) {
    let rowPieces = max(
      (rows + Self.tallest - 1) / Self.tallest, min(Self.fewestPieces, rows / Self.lowest), 1)
    // Whole register tiles.
    let height = ((rows + rowPieces - 1) / rowPieces + 7) / 8 * 8
    let columnPieces = max(1, min(n / Self.fewestColumns, Self.fewestPieces / rowPieces))
    let width = ((n + columnPieces - 1) / columnPieces + 47) / 48 * 48
    let (source, target, bias) = (Shared(a), Shared(c), Shared(bias))
    let right = withoutReferences
    Threads.forEachFlushingDenormals(rowPieces * columnPieces) { piece in
      let (first, column) = (piece % rowPieces * height, piece / rowPieces * width)
      guard first < rows, column < n else { return }
      let count = min(height, rows - first)
      // Again for each piece of columns: that takes less time than waiting for one another.
      let left = quantized(rows: count, source.pointer + first * lda, stride: lda)
      right.multiply(
        rows: count, left.pointer, column..<min(n, column + width),
        from: bias.pointer.map { .row($0 + column) } ?? .zeros,
        into: target.pointer + first * ldc + column, stride: ldc)
      withExtendedLifetime(left) {}
    }
    withExtendedLifetime(self) {}
  }
}
