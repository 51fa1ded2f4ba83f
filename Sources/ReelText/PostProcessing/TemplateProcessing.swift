/// Puts special tokens around one text or two, as a template says.
public struct TemplateProcessing: Sendable, Equatable {
  /// One place of a template.
  public enum Piece: Sendable, Equatable {
    /// A text: the first (0) or the second (1), and the type of its tokens.
    case sequence(Int, typeID: Int32)
    /// The special token of that name, and its type.
    case special(String, typeID: Int32)
  }

  /// A special token of a template: one token or several.
  public struct Special: Sendable, Equatable {
    public var name: String
    public var tokens: [String]
    public var ids: [Int32]

    /// A name that stands for tokens.
    ///
    /// - Precondition: there are as many ids as tokens.
    public init(_ name: String, tokens: [String], ids: [Int32]) {
      precondition(
        tokens.count == ids.count,
        "\(name) has \(tokens.count) tokens and \(ids.count) ids, expected equally many")
      self.name = name
      self.tokens = tokens
      self.ids = ids
    }

    /// A token that is its own name.
    public init(_ token: String, id: Int32) {
      self.init(token, tokens: [token], ids: [id])
    }
  }

  /// The template for one text.
  public let single: [Piece]
  /// The template for two.
  public let pair: [Piece]
  /// The special tokens that the templates name, in the order of their names' scalars.
  public let specials: [Special]

  /// - Throws: a line that says what is wrong where a template names a special token that is not
  ///   given, or the template for one text uses the second.
  public init(single: [Piece], pair: [Piece], specials: [Special]) throws(TextError) {
    for piece in single {
      if case .sequence(let index, _) = piece, index != 0 {
        throw TextError("the template for a single text uses the second one, expected the first")
      }
    }
    for case .special(let name, _) in single + pair
    where !specials.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) {
      throw TextError("the template uses the special token \(jsonQuoted(name)), which is not given")
    }
    self.single = single
    self.pair = pair
    self.specials = specials.sorted {
      $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars)
    }
  }

  private func special(_ name: String) -> Special? {
    specials.first { $0.name.utf8.elementsEqual(name.utf8) }
  }

  /// How many tokens the template adds.
  func addedCount(isPair: Bool) -> Int {
    (isPair ? pair : single).reduce(0) { count, piece in
      guard case .special(let name, _) = piece else { return count }
      return count + (special(name)?.ids.count ?? 0)
    }
  }

  func apply(to encodings: [Encoding], addsSpecialTokens: Bool) -> [Encoding] {
    var result: [Encoding] = []
    for piece in encodings.count > 1 ? pair : single {
      switch piece {
      case .sequence(let index, let typeID):
        guard index < encodings.count else { continue }
        var encoding = encodings[index]
        encoding.setTypeID(typeID)
        result.append(encoding)
      case .special(let name, let typeID):
        guard addsSpecialTokens, let special = special(name) else { continue }
        let tokens = zip(special.tokens, special.ids).map { (token: $0, id: $1) }
        result.append(Encoding(special: tokens, typeID: typeID))
      }
    }
    return result
  }
}
