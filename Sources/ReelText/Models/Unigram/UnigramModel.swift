/// The unigram language model (Kudo 2018): of all ways to write a piece as tokens, the one with the
/// highest sum of scores.
///
/// A score is the logarithm of a token's probability. A scalar that is no token by itself can be
/// written as the unknown token, whose score is the lowest one less 10. Of equally good ways, the
/// one whose last token is longest wins, and so on from the end. Encodes as the Hugging Face
/// tokenizers library does, with sums in the same order; takes time linear in the bytes of a piece
/// for tokens of bounded length.
public struct UnigramModel: CachingModel {
  /// How far the unknown token's score lies below the lowest score.
  public static let unknownPenalty = 10.0

  public let table: TokenTable
  /// The score of each token, by id, as it was given and as a file has it.
  public let scores: [Double]
  /// The scores that are added up: those that the tokenizers library reads from the file.
  package let addedScores: [Double]
  /// The token of scalars that the vocabulary lacks: neighbouring ones become one token. Without it
  /// such scalars are left out.
  public let unknownID: Int32?
  /// Unknown scalars become one token `<0x41>` for each of their bytes, if all of these exist.
  public let byteFallback: Bool

  let trie: PieceTrie
  let unknownScore: Double
  /// The tokens of single bytes by their bytes, -1 where there is none; empty without fallback.
  let byteTokens: [Int32]

  public var kind: TokenizerKind { .unigram }

  /// - Parameters:
  ///   - tokens: the bytes of each token, by id.
  ///   - scores: the score of each token, by id.
  ///   - unknownID: the unknown token.
  ///   - byteFallback: whether unknown scalars become tokens of bytes.
  /// - Throws: where a token comes twice, a score is not a number, or `unknownID` is no token.
  /// - Precondition: there are as many scores as tokens.
  public init(
    tokens: [[UInt8]], scores: [Double], unknownID: Int32?, byteFallback: Bool = false
  ) throws(TextError) {
    try self.init(
      table: TokenTable(tokens), scores: scores, unknownID: unknownID, byteFallback: byteFallback)
  }

  /// As `init(tokens:scores:unknownID:byteFallback:)`, of a table that exists already.
  public init(
    table: TokenTable, scores: [Double], unknownID: Int32?, byteFallback: Bool = false
  ) throws(TextError) {
    precondition(
      scores.count == table.count,
      "\(scores.count) scores for \(table.count) tokens, expected one each")
    if let unknownID, unknownID < 0 || Int(unknownID) >= table.count {
      throw TextError(
        "the unknown token has the id \(unknownID), expected one of the \(table.count) tokens")
    }
    if let id = scores.firstIndex(where: { !$0.isFinite }) {
      throw TextError("token \(id) has the score \(scores[id]), expected a finite number")
    }
    self.table = table
    self.scores = scores
    addedScores = scores.map(FileScores.asRead)
    self.unknownID = unknownID
    self.byteFallback = byteFallback
    trie = PieceTrie(try ByteStrings(table))
    unknownScore = (addedScores.min() ?? 0) - Self.unknownPenalty
    byteTokens =
      byteFallback
      ? (UInt8.min...UInt8.max).map { table.id(of: Self.byteToken($0)) ?? -1 } : []
  }

  /// The token of a single byte: `<0x0A>`.
  private static func byteToken(_ byte: UInt8) -> [UInt8] {
    let digits = String(byte, radix: 16, uppercase: true)
    return Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8)
  }
}
