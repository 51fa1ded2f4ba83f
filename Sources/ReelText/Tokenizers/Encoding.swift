/// What a text, or two, became: one entry of each array for each token.
public struct Encoding: Sendable, Equatable {
  /// The ids.
  public var ids: [Int32]
  /// The tokens as text, as the vocabulary writes them; an unknown piece of a Unigram model and an
  /// added token are written as in the text.
  public var tokens: [String]
  /// Which bytes of the original text each token stands for: whole Unicode scalars also where a
  /// token of a byte-level model is a part of one (but single bytes for a `ByteTokenizer`); an empty
  /// range for tokens that the text does not hold. Offsets of a second text count from its start.
  public var offsets: [Range<Int>]
  /// Which text a token belongs to, as the post-processor numbers them.
  public var typeIDs: [Int32]
  /// Whether the post-processor or the padding put the token there.
  public var specialTokensMask: [Bool]
  /// False for padding.
  public var attentionMask: [Bool]
  /// Which piece of the text, counted from 0, the token is a part of.
  public var wordIndices: [Int?]
  /// 0 for tokens of the first text, 1 for those of the second, nil for others.
  public var sequenceIndices: [Int?]
  /// What truncation cut off, in parts of at most the greatest length.
  public var overflowing: [Encoding]

  /// An encoding without tokens.
  public init(overflowing: [Encoding] = []) {
    ids = []
    tokens = []
    offsets = []
    typeIDs = []
    specialTokensMask = []
    attentionMask = []
    wordIndices = []
    sequenceIndices = []
    self.overflowing = overflowing
  }

  /// The encoding of tokens that no text holds.
  init(special: [(token: String, id: Int32)], typeID: Int32) {
    self.init()
    for (token, id) in special {
      append(id, token, 0..<0, typeID: typeID, word: nil, sequence: nil, isSpecial: true)
    }
  }

  mutating func reserveCapacity(_ count: Int) {
    ids.reserveCapacity(count)
    tokens.reserveCapacity(count)
    offsets.reserveCapacity(count)
    typeIDs.reserveCapacity(count)
    specialTokensMask.reserveCapacity(count)
    attentionMask.reserveCapacity(count)
    wordIndices.reserveCapacity(count)
    sequenceIndices.reserveCapacity(count)
  }

  mutating func append(
    _ id: Int32, _ token: String, _ range: Range<Int>, typeID: Int32, word: Int?, sequence: Int?,
    isSpecial: Bool = false
  ) {
    ids.append(id)
    tokens.append(token)
    offsets.append(range)
    typeIDs.append(typeID)
    specialTokensMask.append(isSpecial)
    attentionMask.append(true)
    wordIndices.append(word)
    sequenceIndices.append(sequence)
  }

  /// Some of the tokens; what overflowed is left out.
  subscript(range: Range<Int>) -> Encoding {
    var part = Encoding()
    part.ids = Array(ids[range])
    part.tokens = Array(tokens[range])
    part.offsets = Array(offsets[range])
    part.typeIDs = Array(typeIDs[range])
    part.specialTokensMask = Array(specialTokensMask[range])
    part.attentionMask = Array(attentionMask[range])
    part.wordIndices = Array(wordIndices[range])
    part.sequenceIndices = Array(sequenceIndices[range])
    return part
  }

  /// Puts another encoding behind this one. Of parts that overflowed, every combination of a part
  /// of this one with the other or one of its parts is kept.
  mutating func append(_ other: Encoding) {
    var parts: [Encoding] = []
    for own in overflowing {
      for next in [other] + other.overflowing {
        var part = own
        part.appendTokens(of: next)
        parts.append(part)
      }
    }
    for next in other.overflowing {
      var part = self
      part.overflowing = []
      part.appendTokens(of: next)
      parts.append(part)
    }
    appendTokens(of: other)
    overflowing = parts
  }

  private mutating func appendTokens(of other: Encoding) {
    ids += other.ids
    tokens += other.tokens
    offsets += other.offsets
    typeIDs += other.typeIDs
    specialTokensMask += other.specialTokensMask
    attentionMask += other.attentionMask
    wordIndices += other.wordIndices
    sequenceIndices += other.sequenceIndices
  }

  /// Gives all tokens one type, also where they overflowed if `includingOverflowing`.
  mutating func setTypeID(_ typeID: Int32, includingOverflowing: Bool = false) {
    typeIDs = [Int32](repeating: typeID, count: ids.count)
    guard includingOverflowing else { return }
    for index in overflowing.indices { overflowing[index].setTypeID(typeID) }
  }
}
