/// Checks of UTF-8 bytes.
public enum UTF8Validation {
  /// Throws the position of the first ill-formed sequence, if there is one.
  public static func validate(_ bytes: [UInt8]) throws(UTF8Error) {
    let offset = bytes.withUnsafeBufferPointer { firstIllFormed(in: $0) }
    if let offset {
      throw bytes.withUnsafeBufferPointer { UTF8Error(at: offset, in: $0) }
    }
  }

  /// Offset of the first ill-formed sequence, or nil where all is well.
  static func firstIllFormed(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var position = 0
    while position < bytes.count {
      position += UTF8Sequence.asciiRun(from: position, in: bytes)
      // Text in another script seldom goes back to ASCII: stay here until it does.
      while position < bytes.count, bytes[position] >= 0x80 {
        guard case .wellFormed(let length) = UTF8Sequence.at(position, in: bytes) else {
          return position
        }
        position += length
      }
    }
    return nil
  }
}
