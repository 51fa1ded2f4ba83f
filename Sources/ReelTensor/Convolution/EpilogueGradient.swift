import CReelKernels

/// The way back through what follows a convolution's product, in one pass over the rows.
struct EpilogueGradient {
  /// The gradient of the product, [rows, out].
  let dc: Tensor
  let dbias: Tensor?
  let dresidual: Tensor?

  /// Rows of a piece, each with a sum of its own for the bias.
  private static let pieceRows = 512

  /// - Parameters:
  ///   - dy: the gradient that arrives.
  ///   - output: what came out; nil where nothing is rectified.
  init(
    _ dy: Tensor, output: Tensor?, _ epilogue: RowEpilogue, positive: PositiveMarks?,
    hasBias: Bool, hasResidual: Bool
  ) {
    let (rows, columns) = (dy.shape[0], dy.shape[1])
    // Without anything to undo, the gradient passes as it is.
    if epilogue.isEmpty {
      dc = dy
      dbias = hasBias ? Self.columnSums(of: dy) : nil
      dresidual = hasResidual ? dy : nil
      return
    }
    let target = Tensor(shape: dy.shape, storage: Storage(count: dy.count))
    // Only a rectified sum makes the residual's gradient differ from the one that arrives.
    let toResidual =
      hasResidual && epilogue.rectifiedSum
      ? Tensor(shape: dy.shape, storage: Storage(count: dy.count)) : nil
    let pieces = (rows + Self.pieceRows - 1) / Self.pieceRows
    let sums = Storage(count: hasBias ? max(1, pieces) * columns : 0)
    sums.pointer.update(repeating: 0, count: sums.count)
    let from = Shared(dy.storage.pointer)
    let y = Shared(output?.storage.pointer)
    let to = Shared(target.storage.pointer)
    let residual = Shared(toResidual?.storage.pointer)
    let partial = Shared(hasBias ? sums.pointer : nil)
    Threads.forEachRange(of: rows, size: Self.pieceRows) { range in
      let offset = range.lowerBound * columns
      epilogue.withKernelForm(row: range.lowerBound, columns: columns, positive: positive) {
        kernels.finish_rows_backward(
          range.count, columns, $0, y.pointer.map { UnsafePointer($0 + offset) },
          from.pointer + offset, to.pointer + offset, residual.pointer.map { $0 + offset },
          partial.pointer.map { $0 + range.lowerBound / Self.pieceRows * columns })
      }
    }
    var bias: Tensor?
    if hasBias {
      let result = Tensor(shape: [columns], storage: Storage(count: columns))
      kernels.sum_columns(
        max(1, pieces), columns, sums.pointer, columns, result.storage.pointer, false)
      bias = result
    }
    withExtendedLifetime((sums, output)) {}
    dc = target
    dbias = bias
    dresidual = hasResidual ? toResidual ?? dy : nil
  }

  static func columnSums(of dy: Tensor) -> Tensor {
    let columns = dy.shape[1]
    let sums = Tensor(shape: [columns], storage: Storage(count: columns))
    MatrixReduction.sumColumns(
      rows: dy.shape[0], columns: columns, dy.storage.pointer, stride: columns,
      into: sums.storage.pointer)
    return sums
  }
}
