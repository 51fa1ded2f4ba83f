import CReelKernels

/// Sums over the rows of a matrix, by several threads, always in the same order.
package enum MatrixReduction {
  private static let rowsPerPiece = 256

  /// result[j] = or += Σ_i x[i][j].
  package static func sumColumns(
    rows: Int, columns: Int, _ x: UnsafePointer<Float>, stride: Int,
    into result: UnsafeMutablePointer<Float>, accumulate: Bool = false
  ) {
    let pieces = (rows + rowsPerPiece - 1) / rowsPerPiece
    guard pieces > 1 else {
      kernels.sum_columns(rows, columns, x, stride, result, accumulate)
      return
    }
    // One partial sum for each piece of rows, then the partial sums in order.
    let partial = Storage(count: pieces * columns)
    let source = Shared(x)
    Threads.forEachRange(of: rows, size: rowsPerPiece) { range in
      kernels.sum_columns(
        range.count, columns, source.pointer + range.lowerBound * stride, stride,
        partial.pointer + range.lowerBound / rowsPerPiece * columns, false)
    }
    kernels.sum_columns(pieces, columns, partial.pointer, columns, result, accumulate)
  }
}

extension Tensor {
  /// The sum of all values, a scalar.
  public func sum() -> Tensor {
    let shape = shape
    return record(Tensor(sumValue()), from: [self]) { gradient in
      [.dense(Tensor(repeating: gradient.scalar, shape: shape))]
    }
  }

  /// The mean of all values, a scalar; NaN when there are none.
  public func mean() -> Tensor { sum() / Float(count) }

  /// The sum along one axis, which disappears (or stays with length 1).
  public func sum(axis: Int, keepingAxis: Bool = false) -> Tensor {
    let shape = shape
    let result = summedValue(axis: axis, keepingAxis: keepingAxis)
    return record(result, from: [self]) { gradient in
      var kept = shape
      kept[axis] = 1
      let repeated = Tensor.broadcast(
        Tensor(zeros: shape), Tensor(shape: kept, storage: gradient.storage), kernels.add)
      return [.dense(repeated)]
    }
  }

  /// The mean along one axis.
  public func mean(axis: Int, keepingAxis: Bool = false) -> Tensor {
    precondition(shape.indices.contains(axis), "mean(axis: \(axis)) of shape \(shape)")
    return sum(axis: axis, keepingAxis: keepingAxis) / Float(shape[axis])
  }

  /// The largest value; NaN if there is one, −∞ of an empty tensor. Not differentiable.
  public func maximum() -> Float { kernels.maximum(count, storage.pointer) }

  /// For each row along the last axis, the index of its largest value (the first, if equal).
  public func argumentMaximum() -> [Int] {
    let columns = shape.last ?? 1
    precondition(columns > 0, "argumentMaximum of shape \(shape): the last axis is empty")
    return withUnsafeValues { values in
      stride(from: 0, to: values.count, by: columns).map { start in
        var best = start
        for index in start + 1..<max(start + 1, start + columns) where values[index] > values[best]
        { best = index }
        return best - start
      }
    }
  }

  func sumValue() -> Float {
    // Sums of sums of short blocks: one long running sum of Floats would lose a digit or two.
    let block = 1 << 10
    guard count > block else { return kernels.sum(count, storage.pointer) }
    let blocks = (count + block - 1) / block
    let partial = Storage(count: blocks)
    let source = Shared(storage.pointer)
    let count = count
    Threads.forEachRange(of: blocks, size: elementwiseChunk / block) { range in
      for index in range {
        partial.pointer[index] = kernels.sum(
          min(block, count - index * block), source.pointer + index * block)
      }
    }
    return Tensor(shape: [blocks], storage: partial).sumValue()
  }

  /// The sum of the squares of all values.
  package func sumOfSquares() -> Double {
    let chunk = elementwiseChunk
    guard count > chunk else { return kernels.sum_of_squares(count, storage.pointer) }
    var partial = [Double](repeating: 0, count: (count + chunk - 1) / chunk)
    partial.withUnsafeMutableBufferPointer { partial in
      let target = Shared(partial)
      let source = Shared(storage.pointer)
      Threads.forEachRange(of: count, size: chunk) { range in
        target.pointer[range.lowerBound / chunk] =
          kernels.sum_of_squares(range.count, source.pointer + range.lowerBound)
      }
    }
    return partial.reduce(0, +)
  }

  func summedValue(axis: Int, keepingAxis: Bool) -> Tensor {
    precondition(shape.indices.contains(axis), "sum(axis: \(axis)) of shape \(shape)")
    let outer = Array(shape[..<axis]).elementCount
    let length = shape[axis]
    let inner = Array(shape[(axis + 1)...]).elementCount
    var resultShape = shape
    if keepingAxis { resultShape[axis] = 1 } else { resultShape.remove(at: axis) }
    return Tensor.build(shape: resultShape) { target in
      guard let base = target.baseAddress else { return }
      for index in 0..<outer {
        let source = storage.pointer + index * length * inner
        if inner == 1 {
          base[index] = kernels.sum(length, source)
        } else {
          kernels.sum_columns(length, inner, source, inner, base + index * inner, false)
        }
      }
    }
  }
}
