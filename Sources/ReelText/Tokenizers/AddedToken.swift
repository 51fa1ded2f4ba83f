/// A token that is found in the text as it is written, before anything else looks at it: "[MASK]",
/// "<|endoftext|>".
public struct AddedToken: Sendable, Equatable {
  /// The token as it is written.
  public var content: String
  /// Whether it counts only where no letter, mark, digit or underscore touches it.
  public var isSingleWord: Bool
  /// Whether it takes the white space before it with it.
  public var stripsLeft: Bool
  /// Whether it takes the white space after it with it.
  public var stripsRight: Bool
  /// Whether it is looked for in the normalized text, itself normalized, rather than in the text as
  /// it came.
  public var isNormalized: Bool
  /// Whether decoding may leave it out.
  public var isSpecial: Bool

  /// A token; a special one is looked for in the text as it came, another in the normalized text.
  public init(
    _ content: String, isSpecial: Bool = false, isNormalized: Bool? = nil,
    isSingleWord: Bool = false, stripsLeft: Bool = false, stripsRight: Bool = false
  ) {
    self.content = content
    self.isSpecial = isSpecial
    self.isNormalized = isNormalized ?? !isSpecial
    self.isSingleWord = isSingleWord
    self.stripsLeft = stripsLeft
    self.stripsRight = stripsRight
  }

  public static func == (left: AddedToken, right: AddedToken) -> Bool {
    left.content.utf8.elementsEqual(right.content.utf8) && left.isSpecial == right.isSpecial
      && left.isNormalized == right.isNormalized && left.isSingleWord == right.isSingleWord
      && left.stripsLeft == right.stripsLeft && left.stripsRight == right.stripsRight
  }
}
