extension FileSection {
  /// The normalizer that this object describes.
  func normalizer() throws(TextError) -> Normalizer {
    switch type {
    case "NFC", "NFD", "NFKC", "NFKD":
      try allow([])
      return .form(try oneOf("type", NormalizationForm.allCases))
    case "Lowercase":
      try allow([])
      return .lowercase
    case "StripAccents":
      try allow([])
      return .stripAccents
    case "Nmt":
      try allow([])
      return .nmt
    case "ByteLevel":
      try allow([])
      return .byteLevel
    case "Strip":
      try allow(["strip_left", "strip_right"])
      return .strip(left: try boolean("strip_left"), right: try boolean("strip_right"))
    case "Prepend":
      try allow(["prepend"])
      return .prepend(try string("prepend"))
    case "Replace":
      try allow(["pattern", "content"])
      return .replace(try pattern(), with: try string("content"))
    case "BertNormalizer":
      try allow(["clean_text", "handle_chinese_chars", "strip_accents", "lowercase"])
      let stripsAccents: Bool? =
        object["strip_accents"] ?? .null == .null ? nil : try boolean("strip_accents")
      return .bert(
        BertNormalization(
          cleansText: try boolean("clean_text"),
          handlesChineseCharacters: try boolean("handle_chinese_chars"),
          stripsAccents: stripsAccents, lowercases: try boolean("lowercase")))
    case "Precompiled":
      try allow(["precompiled_charsmap"])
      guard let bytes = Base64.bytes(of: try string("precompiled_charsmap")) else {
        throw TextError(
          "precompiled_charsmap of \(name) is a text of \(try string("precompiled_charsmap").utf8.count) "
            + "bytes that is not base64")
      }
      return .precompiled(try PrecompiledMap(bytes))
    case "Sequence":
      try allow(["normalizers"])
      var parts: [Normalizer] = []
      for part in try sections("normalizers") { parts.append(try part.normalizer()) }
      return .sequence(parts)
    default:
      throw unsupportedType(
        expected: "NFC, NFD, NFKC, NFKD, Lowercase, StripAccents, Nmt, ByteLevel, Strip, Prepend, "
          + "Replace, BertNormalizer, Precompiled or Sequence")
    }
  }

  /// The key "pattern": a text or a regular expression.
  func pattern() throws(TextError) -> Pattern {
    let section = try section("pattern")
    try section.allow(["String", "Regex"])
    guard section.object.members.count == 1 else {
      throw TextError("pattern of \(name) has no single kind, expected \"String\" or \"Regex\"")
    }
    guard section.object["Regex"] != nil else {
      return Pattern(literal: try section.string("String"))
    }
    return try Pattern(expression: try section.string("Regex"))
  }
}
