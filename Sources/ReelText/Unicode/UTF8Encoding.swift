/// Calls `body` with the UTF-8 bytes of a scalar value.
@inline(__always)
func withUTF8<Result>(
  of scalar: UInt32, _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
  withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { buffer in
    let count = encodeUTF8(scalar, into: buffer)
    return body(UnsafeBufferPointer(rebasing: buffer[..<count]))
  }
}

/// Appends the UTF-8 bytes of a scalar value.
@inline(__always)
func appendUTF8(_ scalar: UInt32, to bytes: inout [UInt8]) {
  if scalar < 0x80 {
    bytes.append(UInt8(truncatingIfNeeded: scalar))
  } else {
    withUTF8(of: scalar) { bytes.append(contentsOf: $0) }
  }
}

/// Writes the UTF-8 bytes of a scalar value to a buffer of at least 4 bytes; returns their number.
@inline(__always)
private func encodeUTF8(_ scalar: UInt32, into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
  func continuation(_ shift: UInt32) -> UInt8 {
    UInt8(truncatingIfNeeded: 0x80 | scalar >> shift & 0x3F)
  }
  switch scalar {
  case ..<0x80:
    buffer[0] = UInt8(truncatingIfNeeded: scalar)
    return 1
  case ..<0x800:
    buffer[0] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
    buffer[1] = continuation(0)
    return 2
  case ..<0x10000:
    buffer[0] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
    buffer[1] = continuation(6)
    buffer[2] = continuation(0)
    return 3
  default:
    buffer[0] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
    buffer[1] = continuation(12)
    buffer[2] = continuation(6)
    buffer[3] = continuation(0)
    return 4
  }
}
