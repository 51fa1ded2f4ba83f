/// A value of Floats in a rectangular arrangement: row-major, contiguous, copied when written.
///
/// A rank-0 tensor (`shape == []`) holds one number. Operations on tensors that
/// `valueAndGradient` watches record how to go back; on all others they record nothing.
public struct Tensor: Sendable {
  /// The length of each axis, outermost first.
  public let shape: [Int]
  package var storage: Storage
  /// Where the value came from, if somebody watches it.
  package var origin: GraphEdge?

  package init(shape: [Int], storage: Storage, origin: GraphEdge? = nil) {
    self.shape = shape
    self.storage = storage
    self.origin = origin
  }

  /// The values in row-major order; their number must be the product of `shape`.
  public init(shape: [Int], values: some Collection<Float>) {
    let count = shape.elementCount
    precondition(
      values.count == count,
      "Tensor(shape:values:): shape \(shape) holds \(count) values, \(values.count) came")
    self.init(shape: shape, storage: Storage(count: count))
    _ = storage.buffer.initialize(from: values)
  }

  /// The same number everywhere.
  public init(repeating value: Float, shape: [Int]) {
    self.init(shape: shape, storage: Storage(count: shape.elementCount))
    storage.pointer.update(repeating: value, count: storage.count)
  }

  public init(zeros shape: [Int]) { self.init(repeating: 0, shape: shape) }

  /// A single number, rank 0.
  public init(_ scalar: Float) { self.init(repeating: scalar, shape: []) }

  /// A tensor whose memory `body` fills; it holds any values before.
  package static func build(
    shape: [Int], _ body: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) rethrows -> Tensor {
    let result = Tensor(shape: shape, storage: Storage(count: shape.elementCount))
    try body(result.storage.buffer)
    return result
  }

  /// The number of values.
  public var count: Int { storage.count }

  /// The number of axes.
  public var rank: Int { shape.count }

  /// All values in row-major order, copied out.
  public var values: [Float] { withUnsafeValues { Array($0) } }

  /// The only value of a tensor with one element.
  public var scalar: Float {
    precondition(count == 1, "Tensor.scalar: shape \(shape) holds \(count) values, expected 1")
    return storage.pointer.pointee
  }

  /// The value at one index for each axis.
  public subscript(indices: Int...) -> Float {
    storage.pointer[offset(of: indices)]
  }

  private func offset(of indices: [Int]) -> Int {
    precondition(
      indices.count == rank && zip(indices, shape).allSatisfy { $0 >= 0 && $0 < $1 },
      "Tensor subscript: index \(indices) does not lie in shape \(shape)")
    return zip(indices, shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// The same value, watched by nobody: gradients stop here.
  public func detached() -> Tensor { Tensor(shape: shape, storage: storage) }
}

extension Tensor {
  package func withUnsafeValues<R>(
    _ body: (UnsafeBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafeBufferPointer(storage.buffer))
  }

  /// Whether nobody else holds the storage and it has Floats, so that others' values may be written there. Who
  /// does so tells the storage (``Storage/forgetPackedForms()``).
  package mutating func hasStorageAlone() -> Bool {
    isKnownUniquelyReferenced(&storage) && storage.narrow == nil
  }

  /// Writes in place when nobody else holds the storage and it has Floats, into a copy otherwise. What is written is
  /// a new value, so it is watched by nobody.
  package mutating func withUnsafeMutableValues<R>(
    _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
  ) rethrows -> R {
    origin = nil
    if !hasStorageAlone() {
      let copy = Storage(count: storage.count)
      copy.pointer.update(from: storage.pointer, count: storage.count)
      storage = copy
    } else {
      storage.forgetPackedForms()
    }
    return try body(storage.buffer)
  }

  /// Reads all values; for code outside the core.
  public func withValues<R>(_ body: (Span<Float>) throws -> R) rethrows -> R {
    try withUnsafeValues { try body($0.span) }
  }

  /// Writes values in place; for code outside the core.
  public mutating func withMutableValues<R>(
    _ body: (inout MutableSpan<Float>) throws -> R
  ) rethrows -> R {
    try withUnsafeMutableValues {
      var span = $0.mutableSpan
      return try body(&span)
    }
  }
}

extension Tensor: Equatable {
  /// Same shape and equal numbers (so a NaN equals nothing).
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape
      && a.withUnsafeValues { a in b.withUnsafeValues { b in a.elementsEqual(b) } }
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and the first values.
  public var description: String {
    let shown = withUnsafeValues { $0.prefix(8).map { "\($0)" }.joined(separator: ", ") }
    return "Tensor\(shape) [\(shown)\(count > 8 ? ", …" : "")]"
  }
}

extension [Int] {
  /// The number of values in a tensor of this shape.
  package var elementCount: Int {
    reduce(1) { product, length in
      precondition(length >= 0, "shape \(self): an axis cannot have a negative length")
      return product * length
    }
  }
}
