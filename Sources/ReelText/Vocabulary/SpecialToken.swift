/// A token that stands for no text of its own.
public struct SpecialToken: Sendable {
  /// What a special token is for.
  public enum Role: String, Sendable, CaseIterable {
    /// Fills rows of a batch up to one length.
    case padding
    /// Stands for whatever the vocabulary lacks.
    case unknown
    /// Stands before a text.
    case begin
    /// Stands behind a text.
    case end
    /// Stands between two texts.
    case separator
    /// Stands for a token that is hidden.
    case mask
    /// Anything else; several tokens may have this role.
    case other
  }

  /// How it is written, such as "<unk>".
  public var text: String
  public var role: Role

  public init(_ text: String, _ role: Role) {
    self.text = text
    self.role = role
  }

  /// `<pad>`, `<unk>`, `<bos>` and `<eos>`: ids 0 to 3 of a vocabulary that says nothing else.
  public static let usual: [SpecialToken] = [
    SpecialToken("<pad>", .padding), SpecialToken("<unk>", .unknown),
    SpecialToken("<bos>", .begin), SpecialToken("<eos>", .end),
  ]
}

extension SpecialToken: Equatable {
  /// Equality byte for byte.
  public static func == (left: SpecialToken, right: SpecialToken) -> Bool {
    left.role == right.role && left.text.utf8.elementsEqual(right.text.utf8)
  }
}
