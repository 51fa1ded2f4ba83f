extension ScalarTokenizer {
  public func encode(_ text: String) -> [Int32] {
    var copy = text
    return copy.withUTF8 { bytes in
      // A Swift string is always well-formed.
      var position = 0
      return encode(bytes, stoppedAt: &position)
    }
  }

  public func encode(_ bytes: [UInt8]) throws(UTF8Error) -> [Int32] {
    var position = 0
    let ids = bytes.withUnsafeBufferPointer { encode($0, stoppedAt: &position) }
    guard position == bytes.count else {
      throw bytes.withUnsafeBufferPointer { UTF8Error(at: position, in: $0) }
    }
    return ids
  }

  public func encoding(of text: String) -> Encoding {
    Encoding(
      tokens: text.unicodeScalars.lazy.map { scalar in
        let id = id(of: scalar) ?? unknown
        return (id: id, text: tokens[Int(id)], length: UTF8.width(scalar))
      })
  }

  /// Encodes up to the end or the first ill-formed sequence, and says where that was.
  private func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, stoppedAt position: inout Int
  ) -> [Int32] {
    var reached = 0
    let ids = idOfScalar.withUnsafeBufferPointer { table in
      [Int32](unsafeUninitializedCapacity: bytes.count) { ids, count in
        while reached < bytes.count {
          let byte = bytes[reached]
          var value = UInt32(byte)
          var length = 1
          if byte >= 0x80 {
            guard case .wellFormed(let found) = UTF8Sequence.at(reached, in: bytes) else { return }
            length = found
            value = UTF8Sequence.scalarValue(at: reached, length: found, in: bytes)
          }
          let id = Int(value) < table.count ? table[Int(value)] : unknown
          ids.initializeElement(at: count, to: id)
          count += 1
          reached += length
        }
      }
    }
    position = reached
    return ids
  }
}
