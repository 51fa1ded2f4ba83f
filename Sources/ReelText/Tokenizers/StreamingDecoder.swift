/// Decodes tokens one at a time, for text that is shown while it is being generated.
///
/// A token may be one byte of a longer character, and what it stands for may depend on the next one.
/// The decoder holds such bytes back until the character is whole and certain, so that what it gives
/// out is always whole scalars. All its pieces together equal `decode` of all the ids, scalar for
/// scalar.
public struct StreamingDecoder: Sendable {
  private var decoder: TokenByteDecoder
  private var pending: [UInt8] = []

  public init(_ tokenizer: any Tokenizer) {
    decoder = tokenizer.byteDecoder()
  }

  /// The text that can be shown now that `id` has come: none, one or several scalars.
  public mutating func append(_ id: Int32) -> String {
    decoder.append(id, to: &pending)
    let whole = pending.count - Self.incompleteTail(of: pending)
    let text = String(decoding: pending[..<whole], as: UTF8.self)
    pending.removeFirst(whole)
    return text
  }

  /// The text still held back; a character that was never completed becomes U+FFFD.
  public mutating func finish() -> String {
    decoder.finish(to: &pending)
    let text = String(decoding: pending, as: UTF8.self)
    pending.removeAll()
    return text
  }

  /// How many bytes at the end begin a character that may still be completed.
  private static func incompleteTail(of bytes: [UInt8]) -> Int {
    bytes.withUnsafeBufferPointer { buffer in
      for length in 1..<4 where length <= buffer.count {
        if case .incomplete = UTF8Sequence.at(buffer.count - length, in: buffer) { return length }
      }
      return 0
    }
  }
}
