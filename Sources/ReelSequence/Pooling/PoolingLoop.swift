import ReelLayers
import ReelTensor

extension SequenceLayout {
  /// Multiplications that one thread takes at a time.
  private static let workPerPiece = 1 << 15

  /// Calls `body` with ranges of sorted places, on several threads; how they are cut depends on the
  /// shape alone. A place has its rows to itself, so what different calls touch is disjoint.
  func forEachPlaces(features: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let meanLength = total / max(batch, 1) + 1
    let size = max(1, Self.workPerPiece / max(1, meanLength * features))
    Threads.forEachRange(of: batch, size: size, body)
  }

  /// The length of the sequence at each sorted place.
  var placeLengths: [Int] { order.map { lengths[$0] } }
}

/// Pointers to the stored rows [total, features] of a ragged batch.
struct StoredRows<Pointer>: @unchecked Sendable {
  let base: Pointer
  let features: Int
}

extension StoredRows where Pointer == UnsafePointer<Float> {
  func row(_ index: Int) -> UnsafePointer<Float> { base + index * features }
}

extension StoredRows where Pointer == UnsafeMutablePointer<Float> {
  func row(_ index: Int) -> UnsafeMutablePointer<Float> { base + index * features }
}

extension Tensor {
  /// The rows of a matrix, for reading inside `body`; not called for a tensor without values.
  func withRows(_ body: (StoredRows<UnsafePointer<Float>>) -> Void) {
    withUnsafeValues { values in
      guard let base = values.baseAddress, !values.isEmpty else { return }
      body(StoredRows(base: base, features: shape[1]))
    }
  }

  /// A new matrix of zeros whose rows `body` fills; not called for one without values.
  static func rows(
    _ shape: [Int], _ body: (StoredRows<UnsafeMutablePointer<Float>>) -> Void
  ) -> Tensor {
    Tensor.build(shape: shape) { values in
      values.update(repeating: 0)
      guard let base = values.baseAddress, !values.isEmpty else { return }
      body(StoredRows(base: base, features: shape[1]))
    }
  }
}
