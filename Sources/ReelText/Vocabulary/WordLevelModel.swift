/// The plainest model: a piece is a token, or the unknown token.
public struct WordLevelModel: SubwordModel {
  public let table: TokenTable
  public let unknownID: Int32?

  public var kind: TokenizerKind { .words }

  /// - Parameters:
  ///   - tokens: the bytes of each token, by id.
  ///   - unknownID: the token of pieces that the vocabulary lacks; without one they are left out.
  /// - Throws: where a token comes twice, or `unknownID` is no token.
  public init(tokens: [[UInt8]], unknownID: Int32?) throws(TextError) {
    if let unknownID, !(0..<tokens.count).contains(Int(unknownID)) {
      throw TextError(
        "the unknown token has the id \(unknownID), expected one of the \(tokens.count) tokens")
    }
    table = try TokenTable(tokens)
    self.unknownID = unknownID
  }

  /// A model of a table that is there already.
  init(table: TokenTable, unknownID: Int32?) {
    self.table = table
    self.unknownID = unknownID
  }

  public func encode(
    _ piece: UnsafeBufferPointer<UInt8>, into tokens: inout [PieceToken],
    scratch: inout ModelScratch
  ) {
    guard let id = table.id(of: piece) ?? unknownID else { return }
    tokens.append(PieceToken(id: id, start: 0, end: Int32(piece.count)))
  }

  public func encode(
    _ text: UnsafeBufferPointer<UInt8>, pieces: [Range<Int>], into ids: inout [Int32],
    scratch: inout ModelScratch
  ) {
    ids.reserveCapacity(ids.count + pieces.count)
    for piece in pieces {
      if let id = table.id(of: UnsafeBufferPointer(rebasing: text[piece])) ?? unknownID {
        ids.append(id)
      }
    }
  }
}
