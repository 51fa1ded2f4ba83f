/// The four normalization forms of Unicode Standard Annex 15.
public enum NormalizationForm: String, Sendable, Codable, CaseIterable {
  /// Canonical composition: "e" and a combining acute accent become "é".
  case nfc = "NFC"
  /// Canonical decomposition: "é" becomes "e" and a combining acute accent.
  case nfd = "NFD"
  /// Compatibility composition: as NFC, and "ﬁ" becomes "fi", "①" becomes "1".
  case nfkc = "NFKC"
  /// Compatibility decomposition: as NFD, and "ﬁ" becomes "fi", "①" becomes "1".
  case nfkd = "NFKD"

  /// Whether it composes what it has decomposed.
  var composes: Bool { self == .nfc || self == .nfkc }
  /// Whether it also takes compatible characters for equal.
  var isCompatible: Bool { self == .nfkc || self == .nfkd }
}

extension String {
  /// This text in a normalization form. The result may differ in its scalars although Swift, which
  /// compares strings by canonical equivalence, calls the two equal.
  public func normalized(_ form: NormalizationForm) -> String {
    var text = AlignedText(self)
    return text.normalize(to: form) ? text.text : self
  }
}

/// Normalizes UTF-8 bytes.
public enum Normalization {
  /// `bytes` in a normalization form; bytes that are not UTF-8 are refused with their position.
  public static func normalize(
    _ bytes: [UInt8], _ form: NormalizationForm
  ) throws(UTF8Error) -> [UInt8] {
    try UTF8Validation.validate(bytes)
    var text = AlignedText(bytes)
    text.normalize(to: form)
    return text.bytes
  }
}
