/// What the first symbols of byte-pair encoding are.
public enum BytePairAlphabet: String, Sendable, CaseIterable {
  /// Single bytes, as in GPT-2: every text can be written in tokens.
  case bytes
  /// Unicode scalars.
  case scalars
}

/// Byte-pair encoding (Sennrich, Haddow and Birch 2016): a piece begins as bytes or scalars, and the
/// pair of neighbours that was learned first is merged, until no known pair is left.
///
/// Takes n log n for a piece of n bytes; the tokens of pieces that came before are looked up.
public struct BytePairModel: CachingModel {
  /// How the parts of `tokenizer.json` change the encoding.
  public struct Options: Sendable, Equatable {
    /// What the first symbols are.
    public var alphabet: BytePairAlphabet
    /// The token of symbols that the vocabulary lacks; without one they are left out.
    public var unknownToken: Int32?
    /// Neighbouring unknown symbols become one unknown token.
    public var fusesUnknown: Bool
    /// An unknown symbol becomes one token `<0x41>` for each of its bytes, if all of them exist.
    public var byteFallback: Bool
    /// A piece that is a token becomes this token, whatever the merges say.
    public var ignoresMerges: Bool
    /// What symbols after the first one of a piece begin with.
    public var continuingSubwordPrefix: String?
    /// What the last symbol of a piece ends with.
    public var endOfWordSuffix: String?
    /// The probability of leaving out a merge (Provilkov et al. 2020): nil or 0, since the same text
    /// has to give the same tokens here.
    public var dropout: Float?

    public init(
      alphabet: BytePairAlphabet = .bytes, unknownToken: Int32? = nil, fusesUnknown: Bool = false,
      byteFallback: Bool = false, ignoresMerges: Bool = false,
      continuingSubwordPrefix: String? = nil, endOfWordSuffix: String? = nil,
      dropout: Float? = nil
    ) {
      self.alphabet = alphabet
      self.unknownToken = unknownToken
      self.fusesUnknown = fusesUnknown
      self.byteFallback = byteFallback
      self.ignoresMerges = ignoresMerges
      self.continuingSubwordPrefix = continuingSubwordPrefix
      self.endOfWordSuffix = endOfWordSuffix
      self.dropout = dropout
    }
  }

  public let table: TokenTable
  /// The pairs of ids that merge, the first learned first.
  public let merges: [(Int32, Int32)]
  public let options: Options

  let mergeTable: MergeTable
  let symbols: SymbolTable

  public var kind: TokenizerKind { options.alphabet == .bytes ? .byteBytePair : .bytePair }
  public var unknownID: Int32? { options.unknownToken }

  /// - Parameters:
  ///   - tokens: the bytes of each token, by id. Those of a byte-level model are raw bytes.
  ///   - merges: pairs of ids in the order of their ranks; of equal pairs the last one counts. The
  ///     bytes of both, less the prefix of the second one, have to be a token.
  ///   - options: the rest.
  /// - Throws: what does not fit together.
  public init(
    tokens: [[UInt8]], merges: [(Int32, Int32)], options: Options = Options()
  ) throws(TextError) {
    try self.init(table: TokenTable(tokens), merges: merges, options: options)
  }

  /// As `init(tokens:merges:options:)`, of a table that exists already.
  public init(
    table: TokenTable, merges: [(Int32, Int32)], options: Options = Options()
  ) throws(TextError) {
    if let dropout = options.dropout, dropout != 0 {
      throw TextError(
        "the dropout of merges is \(dropout), expected none: equal texts get equal tokens")
    }
    if let unknown = options.unknownToken, !(0..<table.count).contains(Int(unknown)) {
      throw TextError(
        "the unknown token is id \(unknown), expected one of the \(table.count) tokens")
    }
    self.table = table
    self.merges = merges
    self.options = options
    let prefix = options.continuingSubwordPrefix.map { Array($0.utf8) } ?? []
    mergeTable = MergeTable(
      merges, merged: try Self.merged(merges, prefix: prefix.count, table: table))
    symbols = SymbolTable(table, options)
  }

  /// The token that each merge makes.
  private static func merged(
    _ merges: [(Int32, Int32)], prefix: Int, table: TokenTable
  ) throws(TextError) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(merges.count)
    var bytes: [UInt8] = []
    for (rank, merge) in merges.enumerated() {
      for id in [merge.0, merge.1] where !(0..<table.count).contains(Int(id)) {
        throw TextError("merge \(rank) names id \(id), expected one of the \(table.count) tokens")
      }
      bytes.removeAll(keepingCapacity: true)
      table.append(merge.0, to: &bytes)
      table.withBytes(of: merge.1) { bytes.append(contentsOf: $0.dropFirst(prefix)) }
      guard let id = table.id(of: bytes) else {
        throw TextError(
          "merge \(rank) of '\(quoted(merge.0, table))' and '\(quoted(merge.1, table))' makes "
            + "'\(String(decoding: bytes, as: UTF8.self))', which is no token")
      }
      result.append(id)
    }
    return result
  }

  private static func quoted(_ id: Int32, _ table: TokenTable) -> String {
    String(decoding: table.bytes(of: id), as: UTF8.self)
  }
}
