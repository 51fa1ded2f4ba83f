/// The steps that BERT takes before it cuts a text into words, in this order.
public struct BertNormalization: Sendable, Equatable {
  /// Removes U+0000, U+FFFD and the categories Cc, Cf, Co, and turns all white space into spaces.
  public var cleansText: Bool
  /// Puts a space before and after each CJK ideograph.
  public var handlesChineseCharacters: Bool
  /// Decomposes (NFD) and removes marks of category Mn; nil does so where the text is lower-cased.
  public var stripsAccents: Bool?
  /// Makes the text lower-case.
  public var lowercases: Bool

  public init(
    cleansText: Bool = true, handlesChineseCharacters: Bool = true, stripsAccents: Bool? = nil,
    lowercases: Bool = true
  ) {
    self.cleansText = cleansText
    self.handlesChineseCharacters = handlesChineseCharacters
    self.stripsAccents = stripsAccents
    self.lowercases = lowercases
  }

  func apply(to text: inout AlignedText) {
    if cleansText { Self.clean(&text) }
    if handlesChineseCharacters { Self.separateIdeographs(in: &text) }
    if stripsAccents ?? lowercases {
      text.normalize(to: .nfd)
      text.removeMarks(onlyNonspacing: true)
    }
    if lowercases { text.lowercase() }
  }

  private static func clean(_ text: inout AlignedText) {
    let table = UnicodeProperties.table
    text.changeScalars { scalar in
      switch scalar {
      case 0x20...0x7E: return .kept
      // White space, although these are control characters.
      case 0x09, 0x0A, 0x0D: return .replaced(by: 0x20)
      case 0xFFFD: return .removed
      default:
        let properties = table[scalar]
        switch properties.category {
        case .cc, .cf, .co: return .removed
        default: return properties.isWhiteSpace ? .replaced(by: 0x20) : .kept
        }
      }
    }
  }

  private static func separateIdeographs(in text: inout AlignedText) {
    text.changeScalars(keepsASCII: true) { scalar in
      isIdeograph(scalar) ? .replacedBySequence(0x20, scalar, 0x20) : .kept
    }
  }

  /// The blocks that BERT's own code lists. Japanese kana and Korean syllables are not among them;
  /// neither is U+2B820 to U+2B91F, which the library leaves out too.
  private static func isIdeograph(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
      0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
      return true
    default: return false
    }
  }
}
