import CReelKernels

// Binary operations with broadcasting, as in NumPy: shapes are aligned at their last axis; an axis
// of length 1 (or a missing one) is repeated.

extension Tensor {
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    let (aShape, bShape) = (a.shape, b.shape)
    let (needsA, needsB) = (a.isWatched, b.isWatched)
    return record(broadcast(a, b, kernels.add), from: [a, b]) { gradient in
      [
        needsA ? .dense(gradient.summed(to: aShape)) : nil,
        needsB ? .dense(gradient.summed(to: bShape)) : nil,
      ]
    }
  }

  public static func - (a: Tensor, b: Tensor) -> Tensor {
    let (aShape, bShape) = (a.shape, b.shape)
    let (needsA, needsB) = (a.isWatched, b.isWatched)
    return record(broadcast(a, b, kernels.subtract), from: [a, b]) { gradient in
      [
        needsA ? .dense(gradient.summed(to: aShape)) : nil,
        needsB ? .dense(gradient.summed(to: bShape).affineValue(scale: -1, offset: 0)) : nil,
      ]
    }
  }

  public static func * (a: Tensor, b: Tensor) -> Tensor {
    let (aValue, bValue) = (a.detached(), b.detached())
    let (needsA, needsB) = (a.isWatched, b.isWatched)
    return record(broadcast(a, b, kernels.multiply), from: [a, b]) { gradient in
      func inOne(_ one: Tensor, by other: Tensor) -> Gradient {
        .dense(broadcast(gradient, other, kernels.multiply).summed(to: one.shape))
      }
      return [
        needsA ? inOne(aValue, by: bValue) : nil, needsB ? inOne(bValue, by: aValue) : nil,
      ]
    }
  }

  public static func / (a: Tensor, b: Tensor) -> Tensor {
    let (aShape, bValue) = (a.shape, b.detached())
    let (needsA, needsB) = (a.isWatched, b.isWatched)
    let quotient = broadcast(a, b, kernels.divide)
    return record(quotient, from: [a, b]) { gradient in
      let share = broadcast(gradient, bValue, kernels.divide)
      let inA = needsA ? share.summed(to: aShape) : nil
      guard needsB else { return [inA.map { .dense($0) }, nil] }
      // d(a/b)/db = −(a/b)/b.
      let inB = zipped(share, quotient, kernels.multiply).affineValue(scale: -1, offset: 0)
      return [inA.map { .dense($0) }, .dense(inB.summed(to: bValue.shape))]
    }
  }

  /// The shape that two shapes have together, or nil where they do not fit.
  static func broadcastShape(_ a: [Int], _ b: [Int]) -> [Int]? {
    var result = [Int](repeating: 1, count: max(a.count, b.count))
    for axis in 1...max(result.count, 1) where axis <= result.count {
      let left = axis <= a.count ? a[a.count - axis] : 1
      let right = axis <= b.count ? b[b.count - axis] : 1
      guard left == right || left == 1 || right == 1 else { return nil }
      result[result.count - axis] = left == 1 ? right : left
    }
    return result
  }

  static func broadcast(_ a: Tensor, _ b: Tensor, _ kernel: BinaryKernel) -> Tensor {
    if a.shape == b.shape { return zipped(a, b, kernel) }
    guard let shape = broadcastShape(a.shape, b.shape) else {
      preconditionFailure("elementwise: shapes \(a.shape) and \(b.shape) do not fit together")
    }
    // Rows along the last axis; an operand without that axis is repeated into a row first.
    let columns = shape.last ?? 1
    let result = Tensor(shape: shape, storage: Storage(count: shape.elementCount))
    guard result.count > 0 else { return result }
    let left = BroadcastRows(a, in: shape)
    let right = BroadcastRows(b, in: shape)
    let target = Shared(result.storage.pointer)
    let rows = result.count / columns
    Threads.forEachRange(of: rows, size: max(1, elementwiseChunk / columns)) { range in
      var leftRow = [Float](repeating: 0, count: left.isSingle ? columns : 0)
      var rightRow = [Float](repeating: 0, count: right.isSingle ? columns : 0)
      for row in range {
        left.withRow(row, &leftRow) { leftPointer in
          right.withRow(row, &rightRow) { rightPointer in
            kernel(columns, leftPointer, rightPointer, target.pointer + row * columns)
          }
        }
      }
    }
    return result
  }

  /// Sums over the axes along which this tensor's shape was broadcast from `shape`.
  package func summed(to shape: [Int]) -> Tensor {
    if self.shape == shape { return self }
    let missing = rank - shape.count
    // A row vector that was added to many rows: one pass over the rows in order.
    if shape.elementCount == (shape.last ?? 1), self.shape.last == shape.last, count > 0 {
      let columns = shape.last ?? 1
      let result = Tensor(shape: shape, storage: Storage(count: columns))
      MatrixReduction.sumColumns(
        rows: count / columns, columns: columns, storage.pointer, stride: columns,
        into: result.storage.pointer)
      return result
    }
    var result = self
    for axis in stride(from: rank - 1, through: 0, by: -1) {
      let wanted = axis >= missing ? shape[axis - missing] : 1
      if wanted == 1 && result.shape[axis] != 1 {
        result = result.summedValue(axis: axis, keepingAxis: true)
      }
    }
    return Tensor(shape: shape, storage: result.storage)
  }
}

/// The rows of a broadcast result, as one operand sees them.
private struct BroadcastRows: @unchecked Sendable {
  let storage: Storage
  /// The operand has one value where the result has a row.
  let isSingle: Bool
  /// For each axis of the result but the last: its length, and the operand's step along it.
  let axes: [(length: Int, step: Int)]

  init(_ tensor: Tensor, in shape: [Int]) {
    storage = tensor.storage
    var steps: [Int] = []
    var step = 1
    for axis in 1...max(shape.count, 1) where axis <= shape.count {
      let length = axis <= tensor.rank ? tensor.shape[tensor.rank - axis] : 1
      steps.append(length == 1 ? 0 : step)
      step *= length
    }
    steps.reverse()
    isSingle = (steps.last ?? 0) == 0 && (shape.last ?? 1) != 1
    axes = zip(shape, steps).dropLast().map { ($0, $1) }
  }

  func withRow(_ row: Int, _ scratch: inout [Float], _ body: (UnsafePointer<Float>) -> Void) {
    var offset = 0
    var rest = row
    for axis in axes.reversed() {
      offset += rest % axis.length * axis.step
      rest /= axis.length
    }
    guard isSingle else { return body(storage.pointer + offset) }
    scratch.withUnsafeMutableBufferPointer {
      $0.update(repeating: storage.pointer[offset])
      body($0.baseAddress!)
    }
  }
}
