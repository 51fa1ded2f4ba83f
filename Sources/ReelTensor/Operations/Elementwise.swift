import CReelKernels

/// Values that one thread takes at a time: large enough to pay for the hand-over, small enough
/// that input and output stay in the second-level cache.
let elementwiseChunk = 1 << 15

package typealias UnaryKernel =
  @convention(c) (
    Int, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?
  ) -> Void

package typealias BinaryKernel =
  @convention(c) (
    Int, UnsafePointer<Float>?, UnsafePointer<Float>?, UnsafeMutablePointer<Float>?
  ) -> Void

extension Tensor {
  /// `kernel` on every value, by several threads when there are many.
  func mapped(_ kernel: UnaryKernel) -> Tensor {
    let result = Tensor(shape: shape, storage: Storage(count: count))
    let (source, target) = (Shared(storage.pointer), Shared(result.storage.pointer))
    Threads.forEachRange(of: count, size: elementwiseChunk) { range in
      kernel(range.count, source.pointer + range.lowerBound, target.pointer + range.lowerBound)
    }
    return result
  }

  /// `kernel` on every pair of values of two tensors of one shape.
  static func zipped(_ a: Tensor, _ b: Tensor, _ kernel: BinaryKernel) -> Tensor {
    precondition(a.count == b.count, "elementwise: shapes \(a.shape) and \(b.shape) differ")
    let result = Tensor(shape: a.shape, storage: Storage(count: a.count))
    let left = Shared(a.storage.pointer)
    let right = Shared(b.storage.pointer)
    let target = Shared(result.storage.pointer)
    Threads.forEachRange(of: a.count, size: elementwiseChunk) { range in
      kernel(
        range.count, left.pointer + range.lowerBound, right.pointer + range.lowerBound,
        target.pointer + range.lowerBound)
    }
    return result
  }

  /// scale·x + offset, recorded.
  package func affine(scale: Float, offset: Float) -> Tensor {
    record(affineValue(scale: scale, offset: offset), from: [self]) { gradient in
      [.dense(gradient.affineValue(scale: scale, offset: 0))]
    }
  }

  func affineValue(scale: Float, offset: Float) -> Tensor {
    let result = Tensor(shape: shape, storage: Storage(count: count))
    writeAffine(scale: scale, offset: offset, into: result.storage)
    return result
  }

  /// The same into a storage that may be the tensor's own.
  func writeAffine(scale: Float, offset: Float, into result: Storage) {
    let (source, target) = (Shared(storage.pointer), Shared(result.pointer))
    Threads.forEachRange(of: count, size: elementwiseChunk) { range in
      kernels.scale_add(
        range.count, scale, offset, source.pointer + range.lowerBound,
        target.pointer + range.lowerBound)
    }
  }

  /// e to the power of every value.
  public func exp() -> Tensor {
    let y = mapped(kernels.exponential)
    return record(y, from: [self]) { [.dense(.zipped($0, y, kernels.multiply))] }
  }

  /// Natural logarithm: −∞ at 0, NaN below.
  public func log() -> Tensor {
    let x = detached()
    return record(mapped(kernels.logarithm), from: [self]) {
      [.dense(.zipped($0, x, kernels.divide))]
    }
  }

  /// Square root: NaN below 0.
  public func squareRoot() -> Tensor {
    let y = mapped(kernels.square_root)
    return record(y, from: [self]) { gradient in
      [.dense(Tensor.zipped(gradient, y, kernels.divide).affineValue(scale: 0.5, offset: 0))]
    }
  }

  /// Hyperbolic tangent.
  public func tanh() -> Tensor {
    let y = mapped(kernels.hyperbolic_tangent)
    return record(y, from: [self]) {
      [.dense(.zipped(y, $0, kernels.hyperbolic_tangent_backward))]
    }
  }

  /// Logistic function 1 / (1 + e⁻ˣ).
  public func sigmoid() -> Tensor {
    let y = mapped(kernels.sigmoid)
    return record(y, from: [self]) { [.dense(.zipped(y, $0, kernels.sigmoid_backward))] }
  }

  /// Rectified linear unit max(x, 0); the gradient at 0 is 0.
  public func relu() -> Tensor {
    let y = mapped(kernels.rectify)
    return record(y, from: [self]) { [.dense(.zipped(y, $0, kernels.rectify_backward))] }
  }

  /// x · x.
  public func squared() -> Tensor {
    let x = detached()
    return record(.zipped(x, x, kernels.multiply), from: [self]) { gradient in
      [.dense(Tensor.zipped(gradient, x, kernels.multiply).affineValue(scale: 2, offset: 0))]
    }
  }

  public static prefix func - (x: Tensor) -> Tensor { x.affine(scale: -1, offset: 0) }
  public static func + (x: Tensor, y: Float) -> Tensor { x.affine(scale: 1, offset: y) }
  public static func + (x: Float, y: Tensor) -> Tensor { y.affine(scale: 1, offset: x) }
  public static func - (x: Tensor, y: Float) -> Tensor { x.affine(scale: 1, offset: -y) }
  public static func - (x: Float, y: Tensor) -> Tensor { y.affine(scale: -1, offset: x) }
  public static func * (x: Tensor, y: Float) -> Tensor { x.affine(scale: y, offset: 0) }
  public static func * (x: Float, y: Tensor) -> Tensor { y.affine(scale: x, offset: 0) }
  public static func / (x: Tensor, y: Float) -> Tensor { x.affine(scale: 1 / y, offset: 0) }
  public static func / (x: Float, y: Tensor) -> Tensor { Tensor(x) / y }
}
