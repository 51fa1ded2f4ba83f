extension Tensor {
  /// The same values in another shape; the number of values must stay.
  public func reshaped(_ shape: [Int]) -> Tensor {
    precondition(
      shape.elementCount == count,
      "reshaped(\(shape)): shape \(self.shape) holds \(count) values, not \(shape.elementCount)")
    let old = self.shape
    // Held in fewer bits, values have the rows that they were rounded in.
    let values = shape == old ? storage : storage.wide
    return record(Tensor(shape: shape, storage: values), from: [self]) { gradient in
      [.dense(Tensor(shape: old, storage: gradient.storage))]
    }
  }

  /// Positions `range` of one axis.
  public func slice(_ range: Range<Int>, axis: Int = 0) -> Tensor {
    precondition(
      shape.indices.contains(axis) && range.lowerBound >= 0 && range.upperBound <= shape[axis],
      "slice(\(range), axis: \(axis)) of shape \(shape)")
    let shape = shape
    return record(sliceValue(range, axis: axis), from: [self]) { gradient in
      var whole = Tensor(zeros: shape)
      whole.write(gradient, at: range.lowerBound, axis: axis)
      return [.dense(whole)]
    }
  }

  /// Tensors of equal shape but for one axis, one after the other along it.
  public static func concatenated(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
    precondition(!tensors.isEmpty, "concatenated: no tensors")
    var shape = tensors[0].shape
    precondition(shape.indices.contains(axis), "concatenated(axis: \(axis)) of shape \(shape)")
    for tensor in tensors {
      var expected = shape
      expected[axis] = tensor.rank == shape.count ? tensor.shape[axis] : 0
      precondition(
        tensor.shape == expected,
        "concatenated(axis: \(axis)): shapes \(tensors[0].shape) and \(tensor.shape) do not fit")
    }
    let lengths = tensors.map { $0.shape[axis] }
    shape[axis] = lengths.reduce(0, +)
    var result = Tensor(shape: shape, storage: Storage(count: shape.elementCount))
    var start = 0
    for tensor in tensors {
      result.write(tensor, at: start, axis: axis)
      start += tensor.shape[axis]
    }
    return record(result, from: tensors) { gradient in
      var start = 0
      return lengths.map { length in
        defer { start += length }
        return .dense(gradient.sliceValue(start..<start + length, axis: axis))
      }
    }
  }

  func sliceValue(_ range: Range<Int>, axis: Int) -> Tensor {
    let outer = Array(shape[..<axis]).elementCount
    let inner = Array(shape[(axis + 1)...]).elementCount
    var resultShape = shape
    resultShape[axis] = range.count
    let length = shape[axis]
    return Tensor.build(shape: resultShape) { target in
      guard let base = target.baseAddress else { return }
      for index in 0..<outer {
        (base + index * range.count * inner).update(
          from: storage.pointer + (index * length + range.lowerBound) * inner,
          count: range.count * inner)
      }
    }
  }

  /// Copies `part` to positions from `start` of one axis.
  package mutating func write(_ part: Tensor, at start: Int, axis: Int) {
    let outer = Array(shape[..<axis]).elementCount
    let inner = Array(shape[(axis + 1)...]).elementCount
    let length = shape[axis]
    let partLength = part.shape[axis]
    withUnsafeMutableValues { target in
      guard let base = target.baseAddress else { return }
      for index in 0..<outer {
        (base + (index * length + start) * inner).update(
          from: part.storage.pointer + index * partLength * inner, count: partLength * inner)
      }
    }
  }
}
