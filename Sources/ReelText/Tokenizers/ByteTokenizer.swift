/// One token for each byte: 256 ids, lossless on any bytes, UTF-8 or not.
public struct ByteTokenizer: Tokenizer, Equatable {
  public init() {}

  public var kind: TokenizerKind { .bytes }
  public var vocabularySize: Int { 256 }
  public var unknownID: Int32? { nil }
  public var isLossless: Bool { true }

  public func encode(_ text: String) -> [Int32] {
    var copy = text
    return copy.withUTF8 { Self.widen($0) }
  }

  public func encode(_ bytes: [UInt8]) throws(UTF8Error) -> [Int32] {
    bytes.withUnsafeBufferPointer { Self.widen($0) }
  }

  /// Each byte with its own offsets, written as in the byte-level alphabet.
  public func encoding(of text: String) -> Encoding {
    Encoding(
      tokens: text.utf8.lazy.map { byte in
        (id: Int32(byte), text: String(ByteLevelAlphabet.scalars[Int(byte)]), length: 1)
      })
  }

  public func appendBytes(of id: Int32, to bytes: inout [UInt8]) {
    precondition(
      0 <= id && id < 256, "token id \(id) is outside the vocabulary, expected 0 to 255")
    bytes.append(UInt8(truncatingIfNeeded: id))
  }

  private static func widen(_ bytes: UnsafeBufferPointer<UInt8>) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: bytes.count) { ids, count in
      for position in 0..<bytes.count {
        ids.initializeElement(at: position, to: Int32(bytes[position]))
      }
      count = bytes.count
    }
  }
}
