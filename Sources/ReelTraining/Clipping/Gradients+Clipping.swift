import ReelLayers
import ReelTensor

extension Gradients {
  /// The Euclidean norm of all gradients taken as one vector, √Σ g². Rows that a row-sparse
  /// gradient does not hold are zeros.
  ///
  /// Summed in Double, piece by piece in visiting order: the same bits with any number of threads.
  public func globalNorm() -> Double {
    var sum = 0.0
    for entry in entries {
      guard let gradient = entry.gradient else { continue }
      sum += gradient.sumOfSquares
    }
    return sum.squareRoot()
  }

  /// The factor that brings the global norm down to at most `limit` (Pascanu, Mikolov and Bengio
  /// 2013): min(1, limit / (norm + 10⁻⁶)), as `torch.nn.utils.clip_grad_norm_`. Hand it to
  /// `Optimizer.update(_:with:scale:)`, which applies it on the way: the gradients are read once
  /// here and never written.
  ///
  /// NaN when the norm is not finite; such a step is best left out.
  public func clip(globalNorm limit: Float) -> Float {
    Self.clippingScale(norm: globalNorm(), limit: limit)
  }

  /// The factor of `clip(globalNorm:)` for a norm that is already known.
  public static func clippingScale(norm: Double, limit: Float) -> Float {
    precondition(limit > 0, "clip(globalNorm: \(limit)): a number above 0 is expected")
    guard norm.isFinite else { return .nan }
    return Float(min(1, Double(limit) / (norm + 1e-6)))
  }

  /// Brings every value into −limit…limit, in place; NaN stays NaN.
  public mutating func clip(value limit: Float) {
    precondition(limit > 0, "clip(value: \(limit)): a number above 0 is expected")
    for index in entries.indices {
      guard let gradient = entries[index].gradient else { continue }
      entries[index].gradient = nil  // one owner, so that the values are written in place
      entries[index].gradient = gradient.clipped(to: limit)
    }
  }
}

extension Gradient {
  /// Values that one thread takes at a time.
  private static let chunk = 1 << 16

  fileprivate var sumOfSquares: Double {
    let values = stored
    let count = values.count
    let source = Shared(values.storage.pointer)
    defer { withExtendedLifetime(values) {} }
    guard count > Self.chunk else { return kernels.sum_of_squares(count, source.pointer) }
    var partial = [Double](repeating: 0, count: (count + Self.chunk - 1) / Self.chunk)
    partial.withUnsafeMutableBufferPointer { partial in
      let partial = Shared(partial)
      Threads.forEachRange(of: count, size: Self.chunk) { range in
        partial.pointer[range.lowerBound / Self.chunk] = kernels.sum_of_squares(
          range.count, source.pointer + range.lowerBound)
      }
    }
    return partial.reduce(0, +)
  }

  fileprivate consuming func clipped(to limit: Float) -> Gradient {
    switch consume self {
    case .dense(var tensor):
      tensor.clip(to: limit)
      return .dense(tensor)
    case .rows(let rows):
      let (shape, indices) = (rows.shape, rows.indices)
      var values = rows.values
      values.clip(to: limit)
      return .rows(RowGradient(shape: shape, indices: indices, values: values))
    }
  }
}

extension Tensor {
  fileprivate mutating func clip(to limit: Float) {
    withUnsafeMutableValues { values in
      let values = Shared(values)
      Threads.forEachRange(of: values.pointer.count, size: 1 << 16) { range in
        let values = values.pointer
        for index in range {
          let value = values[index]
          values[index] = value > limit ? limit : value < -limit ? -limit : value
        }
      }
    }
  }
}
