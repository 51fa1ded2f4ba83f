/// Puts a visible character in the place of spaces (SentencePiece, Kudo and Richardson 2018).
struct Metaspace {
  let replacement: Unicode.Scalar
  let scheme: PreTokenizer.PrependScheme
  let isFirst: Bool

  /// Replaces the spaces of each piece, and puts a replacement before the piece by the scheme.
  func replaceSpaces(_ pieces: [Range<Int>], of text: inout AlignedText) -> [Range<Int>] {
    let mark = Array(String(replacement).utf8)
    let firsts = pieces.map { isPrepended($0, of: text, mark) }
    if !firsts.contains(true), !text.bytes.contains(0x20) { return pieces }
    let bytes = text.bytes
    return text.rewrite(pieces: pieces) { index, piece, rewriter in
      var grown = 0
      var position = piece.lowerBound
      if firsts[index] {
        position += bytes.withUnsafeBufferPointer { scalarLength($0, at: position) }
        rewriter.replace(
          piece.lowerBound..<position, with: mark + bytes[piece.lowerBound..<position])
        grown += mark.count
      }
      while let space = bytes[position..<piece.upperBound].firstIndex(of: 0x20) {
        rewriter.keep(upTo: space)
        rewriter.replace(space..<space + 1, with: mark)
        grown += mark.count - 1
        position = space + 1
      }
      rewriter.keep(upTo: piece.upperBound)
      return grown
    }
  }

  private func isPrepended(_ piece: Range<Int>, of text: AlignedText, _ mark: [UInt8]) -> Bool {
    if piece.isEmpty { return false }
    switch scheme {
    case .never: return false
    case .first:
      guard isFirst, text.originalRange(of: piece).lowerBound == 0 else { return false }
    case .always: break
    }
    let bytes = text.bytes[piece]
    return bytes.first != 0x20 && !bytes.starts(with: mark)
  }
}

/// Puts a space before pieces, as byte-level tokenizers may ask for.
enum PrefixSpace {
  static func add(to pieces: [Range<Int>], of text: inout AlignedText) -> [Range<Int>] {
    let bytes = text.bytes
    if pieces.allSatisfy({ bytes[$0].first == 0x20 }) { return pieces }
    return text.rewrite(pieces: pieces) { _, piece, rewriter in
      var grown = 0
      if let first = bytes[piece].first, first != 0x20 {
        let end = bytes.withUnsafeBufferPointer {
          piece.lowerBound + scalarLength($0, at: piece.lowerBound)
        }
        // The space stands for the character behind it, as in the `tokenizers` package.
        rewriter.replace(
          piece.lowerBound..<end, with: [0x20] + bytes[piece.lowerBound..<end])
        grown = 1
      }
      rewriter.keep(upTo: piece.upperBound)
      return grown
    }
  }
}

extension AlignedText {
  /// Rewrites each piece up to its end, and keeps what lies between; `body` returns by how many
  /// bytes it grew. Returns the pieces as they are then.
  mutating func rewrite(
    pieces: [Range<Int>], _ body: (Int, Range<Int>, inout Rewriter) -> Int
  ) -> [Range<Int>] {
    let count = bytes.count
    var result: [Range<Int>] = []
    result.reserveCapacity(pieces.count)
    rewrite { rewriter in
      var shift = 0
      for (index, piece) in pieces.enumerated() {
        rewriter.keep(upTo: piece.lowerBound)
        let start = piece.lowerBound + shift
        shift += body(index, piece, &rewriter)
        result.append(start..<piece.upperBound + shift)
      }
      rewriter.keep(upTo: count)
    }
    return result
  }
}
