import ReelTensor

/// A plain tensor of Doubles: what the tests hold results against. Every operation is the loop
/// that its equation says, over index tuples, and shares no code with the library.
package struct DoubleTensor: Sendable, Equatable {
  package var shape: [Int]
  package var values: [Double]

  package init(_ shape: [Int], _ values: [Double]) {
    precondition(values.count == shape.reduce(1, *))
    (self.shape, self.values) = (shape, values)
  }

  package init(_ tensor: Tensor) {
    self.init(tensor.shape, tensor.values.map(Double.init))
  }

  /// One value for each index tuple.
  package init(_ shape: [Int], _ value: ([Int]) -> Double) {
    self.shape = shape
    let count = shape.reduce(1, *)
    var index = [Int](repeating: 0, count: shape.count)
    values = []
    values.reserveCapacity(count)
    for _ in 0..<count {
      values.append(value(index))
      for axis in shape.indices.reversed() {
        index[axis] += 1
        if index[axis] < shape[axis] { break }
        index[axis] = 0
      }
    }
  }

  package var count: Int { values.count }
  package var scalar: Double { values[0] }

  package subscript(index: [Int]) -> Double {
    get { values[offset(index)] }
    set { values[offset(index)] = newValue }
  }

  private func offset(_ index: [Int]) -> Int {
    var offset = 0
    for axis in shape.indices { offset = offset * shape[axis] + index[axis] }
    return offset
  }
}

extension DoubleTensor {
  package func map(_ function: (Double) -> Double) -> DoubleTensor {
    DoubleTensor(shape, values.map(function))
  }

  /// NumPy's broadcasting: aligned at the last axis, axes of length 1 or missing are repeated.
  package static func broadcast(
    _ a: DoubleTensor, _ b: DoubleTensor, _ function: (Double, Double) -> Double
  ) -> DoubleTensor {
    let rank = max(a.shape.count, b.shape.count)
    let aShape = Array(repeating: 1, count: rank - a.shape.count) + a.shape
    let bShape = Array(repeating: 1, count: rank - b.shape.count) + b.shape
    let shape = zip(aShape, bShape).map { $0 == 1 ? $1 : $0 }
    func value(_ x: DoubleTensor, _ full: [Int], _ index: [Int]) -> Double {
      var offset = 0
      for axis in full.indices {
        offset = offset * full[axis] + (full[axis] == 1 ? 0 : index[axis])
      }
      return x.values[offset]
    }
    return DoubleTensor(shape) { function(value(a, aShape, $0), value(b, bShape, $0)) }
  }

  package static func + (a: DoubleTensor, b: DoubleTensor) -> DoubleTensor { broadcast(a, b, +) }
  package static func - (a: DoubleTensor, b: DoubleTensor) -> DoubleTensor { broadcast(a, b, -) }
  package static func * (a: DoubleTensor, b: DoubleTensor) -> DoubleTensor { broadcast(a, b, *) }
  package static func / (a: DoubleTensor, b: DoubleTensor) -> DoubleTensor { broadcast(a, b, /) }

  package func sum() -> DoubleTensor { DoubleTensor([], [values.reduce(0, +)]) }

  package func sum(axis: Int, keepingAxis: Bool) -> DoubleTensor {
    var kept = shape
    kept[axis] = 1
    var result = DoubleTensor(kept) { index in
      (0..<shape[axis]).reduce(0) { sum, position in
        var index = index
        index[axis] = position
        return sum + self[index]
      }
    }
    if !keepingAxis { result.shape.remove(at: axis) }
    return result
  }

  package func transposed() -> DoubleTensor {
    DoubleTensor([shape[1], shape[0]]) { self[[$0[1], $0[0]]] }
  }

  package func product(_ other: DoubleTensor) -> DoubleTensor {
    let (rows, inner, columns) = (shape[0], shape[1], other.shape[1])
    var result = DoubleTensor([rows, columns], Array(repeating: 0, count: rows * columns))
    for row in 0..<rows {
      for position in 0..<inner {
        let factor = values[row * inner + position]
        for column in 0..<columns {
          result.values[row * columns + column] +=
            factor * other.values[position * columns + column]
        }
      }
    }
    return result
  }

  package func reshaped(_ shape: [Int]) -> DoubleTensor { DoubleTensor(shape, values) }

  package func slice(_ range: Range<Int>, axis: Int) -> DoubleTensor {
    var sliced = shape
    sliced[axis] = range.count
    return DoubleTensor(sliced) { index in
      var index = index
      index[axis] += range.lowerBound
      return self[index]
    }
  }

  package static func concatenated(_ parts: [DoubleTensor], axis: Int) -> DoubleTensor {
    var shape = parts[0].shape
    shape[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    return DoubleTensor(shape) { index in
      var index = index
      for part in parts {
        if index[axis] < part.shape[axis] { return part[index] }
        index[axis] -= part.shape[axis]
      }
      return .nan
    }
  }
}
