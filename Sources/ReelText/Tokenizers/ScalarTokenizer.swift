/// One token for each Unicode scalar of a vocabulary, and one for all others.
///
/// What people call a character may be several scalars: an emoji with a skin tone is two, a Hindi
/// syllable three or four. Each has its own id, so the text comes back exactly, scalar for scalar.
/// Only scalars outside the vocabulary are lost: they decode as `unknownToken`.
public struct ScalarTokenizer: Tokenizer {
  /// The token of each id as text: one scalar each, except for the unknown token.
  public let tokens: [String]

  /// The id of scalars that the vocabulary lacks.
  public let unknown: Int32

  /// The id of each scalar value up to the largest of the vocabulary.
  let idOfScalar: [Int32]
  /// The UTF-8 of all tokens one after the other; token `i` ends at `tokenEnds[i]`.
  private let tokenBytes: [UInt8]
  private let tokenEnds: [Int]

  /// What the unknown token is written as: the replacement character, which Unicode has for this.
  public static let replacementCharacter: Unicode.Scalar = "\u{FFFD}"

  /// A vocabulary whose id 0 is the unknown token, U+FFFD, followed by `scalars` in their order.
  ///
  /// - Precondition: no scalar comes twice. U+FFFD may be among them: it is the unknown token then.
  public init(_ scalars: [Unicode.Scalar]) {
    let others = scalars.filter { $0 != Self.replacementCharacter }
    let tokens = ([Self.replacementCharacter] + others).map { String($0) }
    self.init(tokens: tokens, unknown: 0)
  }

  /// - Precondition: each token but the unknown one is one scalar, and no token comes twice.
  init(tokens: [String], unknown: Int32) {
    self.tokens = tokens
    self.unknown = unknown
    var largest: UInt32 = 0x7F
    for token in tokens {
      for scalar in token.unicodeScalars { largest = max(largest, scalar.value) }
    }
    var table = [Int32](repeating: unknown, count: Int(largest) + 1)
    var bytes: [UInt8] = []
    var ends: [Int] = []
    for (id, token) in tokens.enumerated() {
      bytes.append(contentsOf: token.utf8)
      ends.append(bytes.count)
      guard let scalar = token.unicodeScalars.first, id != Int(unknown) else { continue }
      precondition(
        token.unicodeScalars.count == 1 && table[Int(scalar.value)] == unknown,
        "token '\(token)' of id \(id) comes twice or is not one scalar, expected distinct scalars")
      table[Int(scalar.value)] = Int32(id)
    }
    idOfScalar = table
    tokenBytes = bytes
    tokenEnds = ends
  }

  public var kind: TokenizerKind { .characters }
  public var vocabularySize: Int { tokens.count }
  public var unknownID: Int32? { unknown }
  public var isLossless: Bool { false }

  /// The token that stands for scalars outside the vocabulary.
  public var unknownToken: String { tokens[Int(unknown)] }

  /// The id of a scalar, or nil where the vocabulary lacks it.
  public func id(of scalar: Unicode.Scalar) -> Int32? {
    let value = Int(scalar.value)
    if value < idOfScalar.count, idOfScalar[value] != unknown { return idOfScalar[value] }
    // The vocabulary may use a scalar of its own, U+FFFD, as the unknown token.
    let token = unknownToken.unicodeScalars
    return token.first == scalar && token.count == 1 ? unknown : nil
  }

  public func appendBytes(of id: Int32, to bytes: inout [UInt8]) {
    precondition(
      0 <= id && id < tokens.count,
      "token id \(id) is outside the vocabulary, expected 0 to \(tokens.count - 1)")
    let start = id == 0 ? 0 : tokenEnds[Int(id) - 1]
    // A token is a byte or a few: one append for each is much faster than one of a slice.
    for position in start..<tokenEnds[Int(id)] { bytes.append(tokenBytes[position]) }
  }
}

extension ScalarTokenizer: Equatable {
  /// Two tokenizers are equal where their vocabularies are, scalar for scalar: Swift's `==` on
  /// strings would call the kelvin sign equal to the letter K.
  public static func == (left: ScalarTokenizer, right: ScalarTokenizer) -> Bool {
    left.unknown == right.unknown && left.tokenEnds == right.tokenEnds
      && left.tokenBytes == right.tokenBytes
  }
}
