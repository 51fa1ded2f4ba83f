import CReelKernels

/// What becomes of the rows of a convolution while they are still in the cache, each part where it
/// is wanted, in this order:
///
///     v = x ∗ w + bias
///     v = max(v, 0)                        rectified
///     v = v ⊙ mask[maskRows[r]]            mask
///     v = v + residual[r]                  residual
///     v = max(v, 0)                        rectifiedSum
package struct RowEpilogue: Sendable {
  package var rectified: Bool
  /// Factors [any number of rows, out]; no gradient goes there.
  package var mask: Tensor?
  /// For each row of the result, its row of `mask`.
  package var maskRows: [Int32]
  /// [rows of the result, out], differentiated.
  package var residual: Tensor?
  package var rectifiedSum: Bool

  package init(
    rectified: Bool = false, mask: Tensor? = nil, maskRows: [Int32] = [],
    residual: Tensor? = nil, rectifiedSum: Bool = false
  ) {
    (self.rectified, self.mask, self.maskRows, self.residual, self.rectifiedSum) = (
      rectified, mask?.detached(), maskRows, residual, rectifiedSum
    )
  }

  /// Nothing is left to do.
  var isEmpty: Bool { !rectified && mask == nil && residual == nil && !rectifiedSum }

  /// The result does not tell where the first maximum let values pass.
  var hidesSigns: Bool { rectified && residual != nil }

  func check(rows: Int, columns: Int) {
    precondition(
      residual.map { $0.shape == [rows, columns] } ?? true,
      "residual of shape \(residual?.shape ?? []) for rows [\(rows), \(columns)]")
    guard let mask else { return }
    precondition(
      mask.rank == 2 && mask.shape[1] == columns && maskRows.count == rows
        && maskRows.allSatisfy { $0 >= 0 && Int($0) < mask.shape[0] },
      "mask \(mask.shape) with \(maskRows.count) row numbers for rows [\(rows), \(columns)]")
  }
}

/// Where the first maximum of an epilogue let values pass: a byte for each value.
final class PositiveMarks: @unchecked Sendable {
  private let storage: Storage
  private let stride: Int

  init(rows: Int, columns: Int) {
    stride = (columns + 15) / 16 * 16
    storage = Storage(count: rows * stride / MemoryLayout<Float>.stride)
  }

  func pointer(row: Int) -> UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(storage.pointer).assumingMemoryBound(to: UInt8.self) + row * stride
  }
}

extension RowEpilogue {
  /// Calls `body` with the kernel's form of this epilogue for rows from `row`, of `columns` values.
  func withKernelForm<R>(
    row: Int, columns: Int, positive: PositiveMarks?,
    _ body: (UnsafePointer<reel_row_finish>) -> R
  ) -> R {
    maskRows.withUnsafeBufferPointer { maskRows in
      var form = reel_row_finish()
      form.rectified = rectified
      form.rectified_sum = rectifiedSum
      if let mask, let numbers = maskRows.baseAddress {
        form.mask = UnsafePointer(mask.storage.pointer)
        form.mask_rows = numbers + row
      }
      form.residual = residual.map { UnsafePointer($0.storage.pointer + row * columns) }
      form.positive = positive?.pointer(row: row)
      return withUnsafePointer(to: form, body)
    }
  }
}
