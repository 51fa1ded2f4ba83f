import ReelTensor

/// The number types that files hold. Reel computes in Float, so all become Float when read.
///
/// The rule: every number becomes the nearest Float, ties to even. So bool (any byte but 0 is 1),
/// 8- and 16-bit integers, float16 and bfloat16 are exact; 32- and 64-bit integers are exact up to
/// 2^24 in magnitude and rounded beyond; float64 is rounded, and beyond Float's range infinite.
enum ElementType: Sendable {
  case bool
  case uint8, uint16, uint32, uint64
  case int8, int16, int32, int64
  case float16, bfloat16, float32, float64

  var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    }
  }

  /// Bytes that a tensor of this shape takes, or nil if that number does not fit an Int.
  func byteCount(of shape: [Int]) -> Int? {
    var total = 1
    for length in shape {
      let (product, overflow) = total.multipliedReportingOverflow(by: length)
      if overflow || length < 0 { return nil }
      total = product
    }
    let (bytes, overflow) = total.multipliedReportingOverflow(by: byteCount)
    // What is narrower than Float in the file grows in memory, which must be addressable too.
    return overflow || total > Int.max / 64 ? nil : bytes
  }

  /// A tensor whose little-endian elements `fill` delivers, in order: it is handed buffers, each to
  /// be filled with the bytes that come next. Floats go straight into the tensor's own memory.
  func tensor(
    shape: [Int], bigEndian: Bool = false,
    fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) throws -> Tensor {
    try Tensor.build(shape: shape) { target in
      if self == .float32 {
        let bytes = UnsafeMutableRawBufferPointer(target)
        try fill(bytes)
        if bigEndian { swapBytes(of: bytes) }
        return
      }
      let chunk = min(target.count, 1 << 17)
      let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: chunk * byteCount, alignment: 16)
      defer { scratch.deallocate() }
      var done = 0
      while done < target.count {
        let count = min(chunk, target.count - done)
        let bytes = UnsafeMutableRawBufferPointer(rebasing: scratch[..<(count * byteCount)])
        try fill(bytes)
        if bigEndian { swapBytes(of: bytes) }
        convert(
          UnsafeRawBufferPointer(bytes),
          to: UnsafeMutableBufferPointer(rebasing: target[done..<(done + count)]))
        done += count
      }
    }
  }

  private func swapBytes(of bytes: UnsafeMutableRawBufferPointer) {
    guard byteCount > 1 else { return }
    for start in stride(from: 0, to: bytes.count, by: byteCount) {
      bytes[start..<(start + byteCount)].reverse()
    }
  }

  private func convert(
    _ source: UnsafeRawBufferPointer, to target: UnsafeMutableBufferPointer<Float>
  ) {
    func each<Number: BitwiseCopyable>(_: Number.Type, _ toFloat: (Number) -> Float) {
      let size = MemoryLayout<Number>.size
      for index in target.indices {
        let number = source.loadUnaligned(fromByteOffset: index * size, as: Number.self)
        target.initializeElement(at: index, to: toFloat(number))
      }
    }
    switch self {
    case .bool: each(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .uint8: each(UInt8.self) { Float($0) }
    case .uint16: each(UInt16.self) { Float($0) }
    case .uint32: each(UInt32.self) { Float($0) }
    case .uint64: each(UInt64.self) { Float($0) }
    case .int8: each(Int8.self) { Float($0) }
    case .int16: each(Int16.self) { Float($0) }
    case .int32: each(Int32.self) { Float($0) }
    case .int64: each(Int64.self) { Float($0) }
    case .float16: each(Float16.self) { Float($0) }
    case .bfloat16: each(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .float32: each(Float.self) { $0 }
    case .float64: each(Double.self) { Float($0) }
    }
  }
}

extension Tensor {
  /// Hands the bytes of all values, little-endian as every platform of Swift is, to `body`: those of
  /// Floats unless the tensor is held as `type`.
  func withBytes<R>(
    as type: ElementType = .float32, _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    if type != .float32, let narrow = storage.narrow {
      defer { withExtendedLifetime(narrow) {} }
      return try body(UnsafeRawBufferPointer(narrow.byteBuffer))
    }
    return try withUnsafeValues { try body(UnsafeRawBufferPointer($0)) }
  }
}
