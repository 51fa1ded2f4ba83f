/// The tokens of a corpus and how often each comes.
///
/// Ids begin with the special tokens, in the order they were given. The others follow by falling
/// frequency; equally frequent ones in the order of their scalars. So one corpus always gives the
/// same ids. Tokens are compared byte for byte, never by canonical equivalence.
public struct Vocabulary: Sendable, Equatable {
  /// All tokens by id.
  public let table: TokenTable
  /// How often each token came, by id. A special token has 0, or how often its text came.
  public let counts: [Int]
  /// The roles of the first ids.
  private let roles: [SpecialToken.Role]

  /// The vocabulary of counted pieces.
  ///
  /// - Parameters:
  ///   - pieces: the counts, see ``VocabularyCounter``.
  ///   - minimumCount: rarer tokens are left out.
  ///   - maximumSize: the most tokens there may be, special ones among them; the most frequent stay.
  ///   - specialTokens: what begins the vocabulary.
  /// - Throws: where a special token is empty or comes twice, or the size leaves no room for them.
  public init(
    _ pieces: PieceCounts, minimumCount: Int = 1, maximumSize: Int? = nil,
    specialTokens: [SpecialToken] = SpecialToken.usual
  ) throws(TextError) {
    if let maximumSize, maximumSize < max(1, specialTokens.count) {
      throw TextError(
        "a vocabulary of at most \(maximumSize) tokens was asked for, expected at least "
          + "\(max(1, specialTokens.count))")
    }
    var tokens = specialTokens.map { Array($0.text.utf8) }
    var counts = tokens.map { pieces.occurrences(of: $0) }
    let special = Set(tokens)
    let room = maximumSize.map { $0 - tokens.count } ?? .max
    let kept = pieces.sorted.lazy.filter { $0.count >= minimumCount && !special.contains($0.bytes) }
    for (bytes, count) in kept.prefix(room) {
      tokens.append(bytes)
      counts.append(count)
    }
    try self.init(tokens: tokens, counts: counts, specialTokens: specialTokens)
  }

  /// - Parameter tokens: special ones first; these are checked, the others are in order.
  package init(
    tokens: [[UInt8]], counts: [Int], specialTokens: [SpecialToken]
  ) throws(TextError) {
    var roles: [SpecialToken.Role] = []
    for token in specialTokens {
      guard !token.text.isEmpty else {
        throw TextError("the special token for \(token.role.rawValue) is empty, expected text")
      }
      guard token.role == .other || !roles.contains(token.role) else {
        throw TextError(
          "the special token \(jsonQuoted(token.text)) is a second one for "
            + "\(token.role.rawValue), expected one")
      }
      roles.append(token.role)
    }
    table = try TokenTable(tokens)
    self.counts = counts
    self.roles = roles
  }

  // MARK: Tokens

  /// How many tokens there are, special ones among them.
  public var count: Int { counts.count }

  /// The special tokens; their ids are 0, 1 and so on.
  public var specialTokens: [SpecialToken] {
    roles.enumerated().map { SpecialToken(token(at: Int32($0.offset)), $0.element) }
  }

  /// The id of the special token with a role, if there is one.
  public func id(of role: SpecialToken.Role) -> Int32? {
    roles.firstIndex(of: role).map { Int32($0) }
  }

  /// The id that stands for whatever the vocabulary lacks, if there is one.
  public var unknownID: Int32? { id(of: .unknown) }

  /// The id of a token, or nil where the vocabulary lacks it.
  public func id(of token: String) -> Int32? {
    var token = token
    return token.withUTF8 { table.id(of: $0) }
  }

  /// The token of an id.
  ///
  /// - Precondition: `id` is in `0 ..< count`.
  public func token(at id: Int32) -> String {
    table.withBytes(of: id) { String(decoding: $0, as: UTF8.self) }
  }

  /// The ids of tokens; the unknown token's for those that the vocabulary lacks.
  ///
  /// - Throws: where a token is lacking and there is no unknown token, which and where.
  public func ids(of tokens: [String]) throws(TextError) -> [Int32] {
    var ids: [Int32] = []
    ids.reserveCapacity(tokens.count)
    let unknown = unknownID
    for (position, token) in tokens.enumerated() {
      guard let id = id(of: token) ?? unknown else {
        throw TextError(
          "token \(position + 1), \(jsonQuoted(token)), is not in the vocabulary of \(count) "
            + "tokens, which has no unknown token")
      }
      ids.append(id)
    }
    return ids
  }

  /// The tokens of ids.
  public func tokens(of ids: [Int32]) -> [String] {
    ids.map { token(at: $0) }
  }

  // MARK: Out of vocabulary

  /// The part of tokens, 0 to 1, that the vocabulary lacks; 0 where there are none.
  public func outOfVocabularyRate(of tokens: [String]) -> Double {
    let lacking = tokens.reduce(0) { $0 + (id(of: $1) == nil ? 1 : 0) }
    return tokens.isEmpty ? 0 : Double(lacking) / Double(tokens.count)
  }

  /// The part of all counted pieces that the vocabulary lacks, each as often as it came.
  public func outOfVocabularyRate(of pieces: PieceCounts) -> Double {
    var lacking = 0
    for (bytes, count) in pieces.sorted where table.id(of: bytes) == nil { lacking += count }
    return pieces.total == 0 ? 0 : Double(lacking) / Double(pieces.total)
  }

  /// A model that gives each piece of text its id in this vocabulary.
  public var model: WordLevelModel {
    WordLevelModel(table: table, unknownID: unknownID)
  }
}
