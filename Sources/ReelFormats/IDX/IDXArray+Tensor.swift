import ReelTensor

extension IDXArray {
  /// The elements as Floats, in the array's shape. An integer or a double that no Float is equal to
  /// becomes the nearest one.
  public var tensor: Tensor {
    switch element {
    case .unsignedByte: Tensor(shape: shape, values: bytes.map { Float($0) })
    case .signedByte: Tensor(shape: shape, values: bytes.map { Float(Int8(bitPattern: $0)) })
    case .short: converted { Float(Int16(truncatingIfNeeded: $0)) }
    case .integer: converted { Float(Int32(truncatingIfNeeded: $0)) }
    case .float: converted { Float(bitPattern: UInt32(truncatingIfNeeded: $0)) }
    case .double: converted { Float(Double(bitPattern: $0)) }
    }
  }

  /// - Parameter value: of the bits of an element, which stand at the low end.
  private func converted(_ value: (UInt64) -> Float) -> Tensor {
    let size = element.byteCount
    return Tensor(
      shape: shape,
      values: stride(from: 0, to: bytes.count, by: size).map { start in
        value(bytes[start..<start + size].reduce(0) { $0 << 8 | UInt64($1) })
      })
  }
}
