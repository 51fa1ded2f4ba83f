/// A map of characters to others that SentencePiece compiled (Kudo and Richardson 2018): what its
/// models call `precompiled_charsmap`, and `tokenizer.json` holds in base 64.
///
/// The bytes are the size of a trie in bytes, the trie, and the replacements, each ended by a zero;
/// numbers have 32 bits, the lowest byte first. The trie is a double array (Aoe 1989) as in
/// Darts-clone.
public struct PrecompiledMap: Sendable, Equatable {
  /// The map as it was read.
  public let bytes: [UInt8]
  private let trie: DoubleArrayTrie
  private let replacements: [UInt8]

  /// Reads a map; one that is cut short or leads out of its replacements is refused.
  public init(_ bytes: [UInt8]) throws(TextError) {
    self.bytes = bytes
    guard bytes.count >= 4 else {
      throw TextError(
        "a precompiled character map of \(bytes.count) bytes, expected at least 4 for its size")
    }
    let trieSize = Int(DoubleArrayTrie.unit(at: 0, in: bytes))
    guard trieSize % 4 == 0, trieSize > 0, trieSize <= bytes.count - 4 else {
      throw TextError(
        "a precompiled character map with a trie of \(trieSize) bytes, expected a multiple of 4 "
          + "that fits into the \(bytes.count - 4) bytes after its size")
    }
    trie = DoubleArrayTrie(Array(bytes[4..<4 + trieSize]))
    replacements = Array(bytes[(4 + trieSize)...])
    do {
      try UTF8Validation.validate(replacements)
    } catch {
      throw TextError("the replacements of a precompiled character map are \(error)")
    }
    let wrong = trie.values.first { value in
      value >= replacements.count || replacements[value] & 0xC0 == 0x80
    }
    if let wrong {
      throw TextError(
        "a precompiled character map points to byte \(wrong) of its replacements, expected the "
          + "start of a character within their \(replacements.count) bytes")
    }
  }

  /// Replaces what the map names.
  ///
  /// A grapheme cluster of fewer than 6 bytes is looked up as a whole, and every other one scalar
  /// by scalar. The shortest entry that the looked-up bytes begin with replaces all of them. This
  /// is the rule of the tokenizers library, which models in its format were made for.
  func apply(to text: inout AlignedText) {
    let source = text.bytes
    source.withUnsafeBufferPointer { source in
      var changes: [(range: Range<Int>, replacement: Range<Int>)] = []
      GraphemeBreaks.forEach(in: source) { cluster in
        if cluster.count < 6, let replacement = replacement(for: cluster, in: source) {
          changes.append((cluster, replacement))
          return
        }
        // One scalar has just been looked up, or is no cluster of fewer than 6 bytes.
        var position = cluster.lowerBound
        while position < cluster.upperBound {
          let length = UTF8Sequence.scalar(at: position, in: source).length
          if length == cluster.count { break }
          let range = position..<position + length
          if let replacement = replacement(for: range, in: source) {
            changes.append((range, replacement))
          }
          position = range.upperBound
        }
      }
      if changes.isEmpty { return }
      replacements.withUnsafeBufferPointer { replacements in
        text.rewrite { rewriter in
          for change in changes {
            rewriter.keep(upTo: change.range.lowerBound)
            rewriter.replace(
              change.range, with: UnsafeBufferPointer(rebasing: replacements[change.replacement]))
          }
          rewriter.keep(upTo: source.count)
        }
      }
    }
  }

  /// Where the text is that replaces these bytes, or nil where they stay.
  private func replacement(
    for range: Range<Int>, in source: UnsafeBufferPointer<UInt8>
  ) -> Range<Int>? {
    guard let start = trie.valueOfShortestPrefix(of: range, in: source) else { return nil }
    var end = start
    while end < replacements.count, replacements[end] != 0 { end += 1 }
    return start..<end
  }
}

/// A trie in one array of 32-bit units (Aoe 1989; the layout is Darts-clone's).
///
/// The child of the node at index `n` for byte `c` is at `n ^ offset(n) ^ c` and carries `c` as its
/// label. A node that ends a key has its value at `n ^ offset(n)`.
///
///     bits 0–7    label; of a value, its lowest bits
///     bit  8      a key ends here
///     bit  9      the offset counts in 256s
///     bits 10–30  offset
///     bit  31     the unit is a value, in bits 0–30
struct DoubleArrayTrie: Sendable, Equatable {
  private let units: [UInt32]

  /// From the bytes of the units, the lowest first; their number is a multiple of 4.
  init(_ bytes: [UInt8]) {
    units = stride(from: 0, to: bytes.count, by: 4).map { Self.unit(at: $0, in: bytes) }
  }

  static func unit(at offset: Int, in bytes: [UInt8]) -> UInt32 {
    UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
      | UInt32(bytes[offset + 3]) << 24
  }

  /// All values, in the order of the array.
  var values: some Sequence<Int> {
    units.lazy.filter { $0 >> 31 == 1 }.map { Int($0 & 0x7FFF_FFFF) }
  }

  /// The value of the shortest key that these bytes begin with. A step out of the array, as only a
  /// damaged one has, ends the search.
  func valueOfShortestPrefix(
    of range: Range<Int>, in source: UnsafeBufferPointer<UInt8>
  ) -> Int? {
    guard let root = units.first else { return nil }
    var node = Self.offset(of: root)
    for byte in source[range] {
      // No key holds a zero.
      if byte == 0 { return nil }
      node ^= Int(byte)
      guard node < units.count else { return nil }
      let unit = units[node]
      guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
      node ^= Self.offset(of: unit)
      if unit >> 8 & 1 == 1 {
        guard node < units.count, units[node] >> 31 == 1 else { return nil }
        return Int(units[node] & 0x7FFF_FFFF)
      }
    }
    return nil
  }

  private static func offset(of unit: UInt32) -> Int {
    Int(unit >> 10 & 0x1F_FFFF) << (unit >> 9 & 1 == 1 ? 8 : 0)
  }
}
