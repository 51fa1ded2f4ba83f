/// The middle of a tokenizer: turns one piece of text into tokens.
public protocol SubwordModel: Sendable {
  /// Which tokenizer a pipeline with this model is.
  var kind: TokenizerKind { get }

  /// The tokens as bytes. Tokens of byte-level models are raw bytes, not characters of an alphabet.
  var table: TokenTable { get }

  /// The token of what the vocabulary lacks.
  var unknownID: Int32? { get }

  /// Appends the tokens of a piece, each with the bytes of the piece it stands for.
  ///
  /// - Parameters:
  ///   - piece: the bytes of the piece: fewer than 2³¹.
  ///   - tokens: where the tokens go.
  ///   - scratch: buffers and a cache; made for this model, and never used with another one.
  func encode(
    _ piece: UnsafeBufferPointer<UInt8>, into tokens: inout [PieceToken],
    scratch: inout ModelScratch)

  /// Appends the ids alone of all pieces of a text: the fast way where nobody asks for offsets.
  ///
  /// - Parameters:
  ///   - text: the bytes that `pieces` are ranges of.
  ///   - pieces: ascending ranges.
  ///   - ids: where the ids go.
  ///   - scratch: as above.
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, pieces: [Range<Int>], into ids: inout [Int32],
    scratch: inout ModelScratch)
}

/// A token of a piece, and the bytes of the piece that it stands for.
public struct PieceToken: Sendable, Equatable {
  public var id: Int32
  /// The first byte, counted from the start of the piece.
  public var start: Int32
  /// The byte after the last one.
  public var end: Int32

  @inline(__always)
  public init(id: Int32, start: Int32, end: Int32) {
    self.id = id
    self.start = start
    self.end = end
  }
}

extension SubwordModel {
  public func encode(
    _ text: UnsafeBufferPointer<UInt8>, pieces: [Range<Int>], into ids: inout [Int32],
    scratch: inout ModelScratch
  ) {
    var tokens: [PieceToken] = []
    for range in pieces {
      tokens.removeAll(keepingCapacity: true)
      encode(UnsafeBufferPointer(rebasing: text[range]), into: &tokens, scratch: &scratch)
      for token in tokens { ids.append(token.id) }
    }
  }

  /// The tokens of one piece: for tests and single words.
  public func tokens(of piece: [UInt8]) -> [PieceToken] {
    var tokens: [PieceToken] = []
    var scratch = ModelScratch()
    piece.withUnsafeBufferPointer { encode($0, into: &tokens, scratch: &scratch) }
    return tokens
  }
}
