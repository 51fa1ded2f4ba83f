/// Takes the entries of a vocabulary file one by one, and refuses those that are out of order.
struct VocabularyBuilder {
  private var tokens: [[UInt8]] = []
  private var counts: [Int] = []
  private var specialTokens: [SpecialToken] = []
  private var table = TokenTable()

  /// - Throws: what is wrong with the entry; the caller says where it stands.
  mutating func add(special token: [UInt8], role name: String) throws(TextError) {
    guard let role = SpecialToken.Role(rawValue: name) else {
      throw TextError(
        "\(quoted(token)) has \(jsonQuoted(name)), expected a count or one of the roles "
          + SpecialToken.Role.allCases.map(\.rawValue).joined(separator: ", "))
    }
    guard tokens.count == specialTokens.count else {
      throw TextError(
        "the special token \(quoted(token)) stands behind \(quoted(tokens.last ?? [])), expected "
          + "special tokens first")
    }
    if role != .other, let other = specialTokens.first(where: { $0.role == role }) {
      throw TextError(
        "\(quoted(token)) is a second token for \(name) besides \(jsonQuoted(other.text))")
    }
    try insert(token)
    specialTokens.append(SpecialToken(String(decoding: token, as: UTF8.self), role))
    counts.append(0)
  }

  mutating func add(_ token: [UInt8], count: Int) throws(TextError) {
    guard count > 0 else {
      throw TextError("\(quoted(token)) has the count \(count), expected at least 1")
    }
    if let last = counts.last, tokens.count > specialTokens.count, let previous = tokens.last {
      guard count <= last else {
        throw TextError(
          "\(quoted(token)) with the count \(count) stands behind \(quoted(previous)) with "
            + "\(last), expected falling counts")
      }
      guard count < last || previous.lexicographicallyPrecedes(token) || previous == token else {
        throw TextError(
          "\(quoted(token)) stands behind \(quoted(previous)) with the same count, expected the "
            + "order of their scalars")
      }
    }
    try insert(token)
    counts.append(count)
  }

  func vocabulary() throws(TextError) -> Vocabulary {
    guard !tokens.isEmpty else { throw TextError("there are no tokens, expected at least one") }
    return try Vocabulary(tokens: tokens, counts: counts, specialTokens: specialTokens)
  }

  private mutating func insert(_ token: [UInt8]) throws(TextError) {
    guard !token.isEmpty else { throw TextError("an empty token, expected text") }
    guard Int(table.insert(token)) == tokens.count else {
      throw TextError("\(quoted(token)) comes twice, expected every token once")
    }
    tokens.append(token)
  }

  private func quoted(_ token: [UInt8]) -> String {
    jsonQuoted(String(decoding: token, as: UTF8.self))
  }
}
