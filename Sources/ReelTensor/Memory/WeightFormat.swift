/// How a matrix of weights is held.
///
/// The narrower formats are for serving: less to store, and less to read for each product with one
/// vector, which is bound by reading the weights. Values are rounded once, when a matrix is converted;
/// from then on they are ordinary values of a `Tensor`, which every operation reads.
public enum WeightFormat: String, Sendable, Codable, CaseIterable {
  /// 32 bits.
  case float32
  /// 16 bits, the upper half of a Float: 8 bits of precision, the range of a Float.
  case bfloat16 = "bf16"
  /// 8 bits: each row's largest magnitude is 127 steps of a scale of its own, w ≈ scale·q with
  /// q from −127 to 127. A product with a vector also takes that in steps, of 16 bits. So does a prediction
  /// with many rows, each in steps of its own, where vectors sum products of bytes
  /// (`Processor.instructionSet` `avx512vnni` or `avx512bf16`): recurrent and linear layers then make no
  /// Floats but keep the weights once more in another order, and a row of up to 512 values has the same
  /// bits in any company. With `ProductPrecision.medium` several rows have steps of 8 bits, and recurrent
  /// layers compute tanh and output gates to within 2⁻¹¹, gates of their state to within 2⁻¹⁵.
  case int8

  /// Bytes of one weight, without the scales.
  public var byteCount: Int {
    switch self {
    case .float32: 4
    case .bfloat16: 2
    case .int8: 1
    }
  }
}

/// Weights that cannot be held in a format. The description is one line.
public struct WeightFormatError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String
  init(_ description: String) { self.description = description }
}

extension Tensor {
  /// The format in which the values are held.
  public var weightFormat: WeightFormat { storage.narrow?.format ?? .float32 }

  /// The same values rounded to a format, and held in it; nobody watches the result. An operation that
  /// needs Floats widens them once and keeps those too; a tensor that is written or takes another shape
  /// becomes one of Floats.
  ///
  /// A matrix without values stays as it is.
  ///
  /// - Throws: `WeightFormatError` for what is no matrix, or holds a value that is infinite or not a
  ///   number, where the format is narrower.
  public func held(in format: WeightFormat) throws -> Tensor {
    if format == weightFormat { return detached() }
    if format == .float32 {
      return withUnsafeValues { Tensor(shape: shape, values: $0) }
    }
    guard rank == 2 else {
      throw WeightFormatError(
        "a tensor of shape \(shape) cannot be held as \(format.rawValue): a matrix is expected")
    }
    guard count > 0 else { return detached() }
    if let value = values.first(where: { !$0.isFinite }) {
      throw WeightFormatError(
        "weights of shape \(shape) hold \(value), finite numbers are expected for \(format.rawValue)"
      )
    }
    return Tensor(shape: shape, storage: Storage(NarrowMatrix(self, as: format)))
  }
}

extension Tensor {
  /// Bytes of the values in their format, with the scales.
  package var byteCount: Int {
    count * weightFormat.byteCount
      + (storage.narrow?.scales.count ?? 0) * MemoryLayout<Float>.size
  }
}
