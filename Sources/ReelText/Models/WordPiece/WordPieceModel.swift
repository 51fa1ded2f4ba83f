/// WordPiece (Schuster and Nakajima 2012; BERT): the longest token that a word begins with, then the
/// longest one that the rest begins with, and so on. Tokens that continue a word begin with a prefix.
///
/// A word with a part that no token fits, or with too many scalars, is one unknown token. Takes time
/// proportional to the bytes of the tokens tried: at each place, those of the longest match and what
/// agrees beyond it.
public struct WordPieceModel: CachingModel {
  public let table: TokenTable
  /// What tokens begin with that do not begin a word.
  public let prefix: String
  /// Words with more scalars are unknown.
  public let maximumInputCharacters: Int

  private let unknown: Int32
  private let trie: PieceTrie
  /// Where tokens that continue a word hang in the tree; -1 if there are none.
  private let continuation: Int32

  public var kind: TokenizerKind { .wordPiece }
  public var unknownID: Int32? { unknown }

  /// - Parameters:
  ///   - tokens: the bytes of each token, by id.
  ///   - unknownID: the token of unknown words.
  ///   - prefix: what tokens begin with that do not begin a word.
  ///   - maximumInputCharacters: words with more scalars are unknown.
  /// - Throws: where a token comes twice, or `unknownID` is no token.
  public init(
    tokens: [[UInt8]], unknownID: Int32, prefix: String = "##", maximumInputCharacters: Int = 100
  ) throws(TextError) {
    try self.init(
      table: TokenTable(tokens), unknownID: unknownID, prefix: prefix,
      maximumInputCharacters: maximumInputCharacters)
  }

  /// As `init(tokens:unknownID:prefix:maximumInputCharacters:)`, of a table that exists already.
  public init(
    table: TokenTable, unknownID: Int32, prefix: String = "##", maximumInputCharacters: Int = 100
  ) throws(TextError) {
    guard 0 <= unknownID, Int(unknownID) < table.count else {
      throw TextError(
        "the unknown token has the id \(unknownID), expected one of the \(table.count) tokens")
    }
    self.table = table
    unknown = unknownID
    self.prefix = prefix
    self.maximumInputCharacters = maximumInputCharacters
    trie = PieceTrie(try ByteStrings(table))
    continuation = trie.node(prefix.utf8) ?? -1
  }

  public func segment(
    _ piece: UnsafeBufferPointer<UInt8>, into tokens: inout [PieceToken],
    scratch: inout ModelScratch
  ) {
    var isKnown = !isTooLong(piece)
    trie.nodes.withUnsafeBufferPointer { nodes in
      guard let base = nodes.baseAddress else { return }
      var start = 0
      while isKnown, start < piece.count {
        var (id, end): (Int32, Int) = (-1, start)
        let node = start == 0 ? PieceTrie.root : continuation
        if node >= 0 {
          PieceTrie.forEachPrefix(base, piece, from: start, at: node) { (end, id) = ($0, $1) }
        }
        isKnown = id >= 0
        tokens.append(PieceToken(id: id, start: Int32(start), end: Int32(end)))
        start = end
      }
    }
    if !isKnown {
      tokens.removeAll(keepingCapacity: true)
      tokens.append(PieceToken(id: unknown, start: 0, end: Int32(piece.count)))
    }
  }

  private func isTooLong(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
    guard piece.count > maximumInputCharacters else { return false }
    // Every scalar has one byte that does not continue another one.
    return piece.reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 } > maximumInputCharacters
  }
}
