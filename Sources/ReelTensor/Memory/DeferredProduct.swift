import Synchronization

/// A matrix product that is not made before somebody asks for its values; whoever needs only some rows at a
/// time makes those, and the whole is never there.
///
/// It is what a narrow linear layer gives its input as gradient: dx = dy·W can be much larger than dy and W.
package final class DeferredProduct: Sendable {
  package let rows: Int
  package let columns: Int
  private let precision: ProductPrecision

  private enum State {
    case factors(Tensor, Tensor)
    case values(Storage)
  }
  private let state: Mutex<State>

  /// C = A·B, A of [rows, k], B of [k, columns], as exact as products are asked to be here.
  package init(_ a: Tensor, _ b: Tensor) {
    precondition(
      a.rank == 2 && b.rank == 2 && a.shape[1] == b.shape[0],
      "DeferredProduct: \(a.shape) times \(b.shape)")
    (rows, columns) = (a.shape[0], b.shape[1])
    precision = ProductPrecision.current
    state = Mutex(.factors(a.detached(), b.detached()))
  }

  /// Whether a product of so many columns, summed over `k`, is worth it: its values then take at least twice
  /// the room of the factor that goes with it.
  static func pays(columns: Int, k: Int) -> Bool { columns >= 2 * k }

  /// Whether all values have been made.
  package var isMade: Bool {
    state.withLock { if case .values = $0 { true } else { false } }
  }

  /// All values; the factors are let go.
  var values: Storage {
    state.withLock { state in
      switch state {
      case .values(let storage): return storage
      case .factors(let a, let b):
        let storage = Storage(count: rows * columns)
        multiply(a, b, 0..<rows, into: storage.pointer)
        state = .values(storage)
        return storage
      }
    }
  }

  /// Some rows, at `target`.
  package func write(_ rows: Range<Int>, to target: UnsafeMutablePointer<Float>) {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= self.rows,
      "DeferredProduct: rows \(rows) of \(self.rows)")
    switch state.withLock({ $0 }) {
    case .values(let storage):
      target.update(from: storage.pointer + rows.lowerBound * columns, count: rows.count * columns)
    case .factors(let a, let b): multiply(a, b, rows, into: target)
    }
  }

  private func multiply(
    _ a: Tensor, _ b: Tensor, _ rows: Range<Int>, into target: UnsafeMutablePointer<Float>
  ) {
    let k = b.shape[0]
    ProductPrecision.with(precision) {
      MatrixProduct.compute(
        m: rows.count, n: columns, k: k,
        MatrixOperand(a.storage.pointer + rows.lowerBound * k, stride: k),
        MatrixOperand(b.storage.pointer, stride: columns), into: target, stride: columns)
    }
    withExtendedLifetime((a, b)) {}
  }
}
