/// Rows of zeros with a single 1 each, kept as the places of the ones.
///
/// n rows of `width` numbers; row i is 1 at `ids[i]`, and all zeros where that id is negative. A
/// product with such rows is a lookup: a vocabulary of 10,000 words costs no 10,000-wide product.
public struct OneHot: Sendable, Equatable {
  /// The place of the 1 in each row, below `width`; a negative one stands for a row of zeros.
  public let ids: [Int32]
  /// The length of each row: the size of the vocabulary, or the number of classes.
  public let width: Int

  public init(_ ids: [Int32], width: Int) {
    precondition(width >= 0, "OneHot: width \(width), at least 0 is expected")
    for id in ids { precondition(id < width, "OneHot: id \(id) in rows of width \(width)") }
    self.ids = ids
    self.width = width
  }

  /// [n, width].
  public var shape: [Int] { [ids.count, width] }

  /// All n · width numbers, for what cannot look rows up.
  public var dense: Tensor {
    Tensor.build(shape: shape) { target in
      target.update(repeating: 0)
      for (row, id) in ids.enumerated() where id >= 0 { target[row * width + Int(id)] = 1 }
    }
  }

  /// x·Wᵀ + b of these rows x [n, in]: column ids[i] of `weight` [out, in], plus `bias` [out] →
  /// [n, out].
  ///
  /// Takes O(n · out) steps, and O(in · out) only where more than half of all ids occur; columns
  /// that nobody asks for are not even read. The gradient in `weight` has the weight's shape, with
  /// zeros in the other columns: the weight is stored as PyTorch stores it, one row for each
  /// output, and such a gradient is sparse in columns, which row-sparse gradients (see
  /// `RowGradient`) cannot say. Where a step must not touch the whole matrix, take a table with one
  /// row for each id, an embedding: the same map, transposed.
  package func affineMap(weight: Tensor, bias: Tensor?) -> Tensor {
    precondition(
      weight.rank == 2 && weight.shape[1] == width
        && bias.map { $0.shape == [weight.shape[0]] } ?? true,
      "affine map of one-hot rows of shape \(shape) with weight \(weight.shape) and bias "
        + "\(bias?.shape ?? []): the weight must have \(width) columns")
    let (table, rows) = weight.columnTable(for: ids)
    let y = table.gatheredRows(rows)
    return bias.map { y + $0 } ?? y
  }
}

extension Tensor {
  /// A table whose rows are columns of this matrix, and for each id the row of its column
  /// (negative ids stay as they are). It holds the columns that are asked for alone, or all of them
  /// where that is more than half.
  package func columnTable(for ids: [Int32]) -> (table: Tensor, rows: [Int32]) {
    precondition(rank == 2, "columnTable of shape \(shape): a matrix is expected")
    let (used, rows) = distinctRows(ids, of: shape[1])
    // Then the table has one size in every step, and the transposition works in blocks.
    if used.count > shape[1] / 2 { return (transposed(), ids) }
    return (gatheredColumns(used), rows)
  }

  /// Columns of a matrix as rows: [rows, columns] and n ids → [n, rows].
  ///
  /// The gradient has the matrix's shape, with zeros in the columns that were not asked for.
  package func gatheredColumns(_ ids: [Int32]) -> Tensor {
    precondition(rank == 2, "gatheredColumns of shape \(shape): a matrix is expected")
    let (rows, columns) = (shape[0], shape[1])
    for id in ids {
      precondition(
        id >= 0 && id < columns, "gatheredColumns: column \(id) of a matrix with \(columns)")
    }
    let matrix = storage
    let result = Tensor.build(shape: [ids.count, rows]) { target in
      guard let base = target.baseAddress else { return }
      let target = Shared(base)
      Self.forEachColumn(ids, rows: rows) { place, id, range in
        let (target, source) = (target.pointer + place * rows, matrix.pointer + id)
        for row in range { target[row] = source[row * columns] }
      }
    }
    return record(result, from: [self]) { gradient in
      let sum = Tensor(zeros: [rows, columns])
      let (source, target) = (gradient.storage, sum.storage)
      Self.forEachColumn(ids, rows: rows) { place, id, range in
        let (source, target) = (source.pointer + place * rows, target.pointer + id)
        for row in range { target[row * columns] += source[row] }
      }
      return [.dense(sum)]
    }
  }

  /// Rows that one thread takes, and rows that it takes together: 16 Floats are a cache line of the
  /// table, and 16 lines of the matrix are read on along ascending ids.
  private static let (piece, block) = (64, 16)

  /// Calls `body` with the place of each id, the id, and ranges that together hold all rows.
  private static func forEachColumn(
    _ ids: [Int32], rows: Int, _ body: @Sendable (Int, Int, Range<Int>) -> Void
  ) {
    Threads.forEachRange(of: rows, size: piece) { part in
      for start in stride(from: part.lowerBound, to: part.upperBound, by: block) {
        let range = start..<min(start + block, part.upperBound)
        for (place, id) in ids.enumerated() { body(place, Int(id), range) }
      }
    }
  }
}

/// The ids that occur, ascending, and for each of `ids` its place among them (negative ids stay as
/// they are). `rows` is the length of the table that they point into.
package func distinctRows(_ ids: [Int32], of rows: Int) -> (used: [Int32], places: [Int32]) {
  var placeOf = [Int32](repeating: -1, count: rows)
  for id in ids where id >= 0 {
    precondition(id < rows, "id \(id) of \(rows)")
    placeOf[Int(id)] = 0
  }
  var used: [Int32] = []
  for row in placeOf.indices where placeOf[row] == 0 {
    placeOf[row] = Int32(used.count)
    used.append(Int32(row))
  }
  return (used, ids.map { $0 < 0 ? $0 : placeOf[Int($0)] })
}
