import ReelTensor

/// A block of rows that the recurrent loop lends to a cell for one call: valid during that call
/// only. Every access checks its row and column.
public struct CellMatrix {
  package var pointer: UnsafeMutablePointer<Float>
  public internal(set) var rows: Int
  public let columns: Int
  package let stride: Int

  package init(
    _ pointer: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int
  ) {
    self.pointer = pointer
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  public subscript(row: Int, column: Int) -> Float {
    get {
      check(row, column)
      return pointer[row * stride + column]
    }
    nonmutating set {
      check(row, column)
      pointer[row * stride + column] = newValue
    }
  }

  /// One row, for work on many values at once.
  public func withRow<R>(_ row: Int, _ body: (inout MutableSpan<Float>) -> R) -> R {
    check(row, 0)
    var span = UnsafeMutableBufferPointer(start: pointer + row * stride, count: columns).mutableSpan
    return body(&span)
  }

  /// Columns `range` of every row.
  public func columns(_ range: Range<Int>) -> CellMatrix {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= columns,
      "CellMatrix: columns \(range) of \(columns)")
    return CellMatrix(pointer + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }

  /// Some rows.
  func rows(_ range: Range<Int>) -> CellMatrix {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= rows, "CellMatrix: rows \(range) of \(rows)")
    return CellMatrix(
      pointer + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// Replaces every value by its logistic function.
  public func applySigmoid() {
    for row in 0..<rows { kernels.sigmoid(columns, pointer + row * stride, pointer + row * stride) }
  }

  /// Replaces every value by its hyperbolic tangent.
  public func applyTanh() {
    for row in 0..<rows {
      kernels.hyperbolic_tangent(columns, pointer + row * stride, pointer + row * stride)
    }
  }

  /// Sets every value to 0.
  public func clear() {
    for row in 0..<rows { (pointer + row * stride).update(repeating: 0, count: columns) }
  }

  /// Copies every value of a matrix of the same size. Both may be the same place, but must not overlap otherwise.
  public func copy(from other: CellMatrix) {
    precondition(
      rows == other.rows && columns == other.columns,
      "CellMatrix: \(other.rows)×\(other.columns) copied to \(rows)×\(columns)")
    kernels.copy_rows(rows, columns, other.pointer, other.stride, pointer, stride)
  }

  /// Some columns of every row become the same values.
  func fill(column: Int, count: Int, from values: UnsafePointer<Float>) {
    precondition(
      column >= 0 && count >= 0 && column + count <= columns,
      "CellMatrix: \(count) columns from \(column) of \(columns)")
    for row in 0..<rows { (pointer + row * stride + column).update(from: values, count: count) }
  }

  @inline(__always) private func check(_ row: Int, _ column: Int) {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < max(columns, 1),
      "CellMatrix: index does not lie in the matrix")
  }
}

/// What a cell sees of a block of rows at one time step, going forward.
public struct CellStep {
  public let hiddenSize: Int
  /// Whether `backward` will follow. Otherwise a cell may leave out what it writes to `gates`, `recurrent` and
  /// `saved` for that alone; its own later phases, and the loop's products with `written`, still read theirs.
  public let goesBack: Bool
  /// Whether a cell may compute its activation functions to within 2⁻¹¹ only, and gates that keep a state or let
  /// something into it, whose errors add up over the steps, to within 2⁻¹⁵. A cell that takes no notice of it is right
  /// as well.
  public let isCoarse: Bool
  /// Which phase of the cell is due.
  public internal(set) var phase = 0
  /// [rows, G·H]. Holds the pre-activations; what the cell leaves there it finds again in
  /// `backward`.
  public internal(set) var gates: CellMatrix
  /// Products that are kept apart, [rows, sum of their gates · H]; found again in `backward`.
  public internal(set) var recurrent: CellMatrix
  /// The previous state, each component [rows, H]; found again in `backward`. With a projection the
  /// first is [rows, P]. Only to be read: it may be the layer's output, or the state that came in.
  public internal(set) var previous: [CellMatrix]
  /// Receives the next state, each component [rows, H]; never the same memory as `previous`, and anything
  /// may be there before. Where the cell says that its gates are its output (`RecurrentCell.gatesAreOutput`) the first
  /// may be the memory of `gates`. What the loop makes of it (projection, zoneout) comes after the cell.
  public internal(set) var next: [CellMatrix]
  /// The operand that a phase writes for a later one, [rows, H]. Variational dropout is applied to
  /// it as to the hidden state.
  public internal(set) var written: CellMatrix
  /// Anything else `backward` needs, [rows, savedWidth].
  public internal(set) var saved: CellMatrix

  /// The number of rows of the block.
  public var rows: Int { gates.rows }

  /// The same for the kernels of gates.
  var gateUse: GateUse { goesBack ? .kept : isCoarse ? .coarse : .dropped }
}

/// What a cell sees of a block of rows at one time step, going back.
public struct CellGradientStep {
  public let hiddenSize: Int
  /// Which phase of the cell is due; the last comes first.
  public internal(set) var phase = 0
  /// Holds what `forward` left; receives the gradient of the pre-activations.
  public internal(set) var gates: CellMatrix
  /// Holds the products that were kept apart; receives their gradient.
  public internal(set) var recurrent: CellMatrix
  /// The previous state; only to be read.
  public internal(set) var previous: [CellMatrix]
  /// What `forward` wrote for a later phase, after variational dropout.
  public internal(set) var written: CellMatrix
  /// The gradient of what `forward` wrote, from the products of the later phase.
  public internal(set) var writtenGradient: CellMatrix
  public internal(set) var saved: CellMatrix
  /// Holds the gradient of the next state; receives the part of the previous state's gradient
  /// that does not go through a product (the loop adds the rest).
  public internal(set) var state: [CellMatrix]
  /// The gradients of the cell's own parameters, one row each, in visiting order: to be added to.
  public internal(set) var parameters: [CellMatrix]

  /// The number of rows of the block.
  public var rows: Int { gates.rows }
}
