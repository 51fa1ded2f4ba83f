extension FileSection {
  /// The pre-tokenizer that this object describes.
  func preTokenizer() throws(TextError) -> PreTokenizer {
    switch type {
    case "Whitespace":
      try allow([])
      return .whitespace
    case "WhitespaceSplit":
      try allow([])
      return .whitespaceSplit
    case "BertPreTokenizer":
      try allow([])
      return .bert
    case "UnicodeScripts":
      try allow([])
      return .unicodeScripts
    case "ByteLevel":
      try allow(["add_prefix_space", "trim_offsets", "use_regex"])
      return .byteLevel(
        addsPrefixSpace: try boolean("add_prefix_space"),
        trimsOffsets: try boolean("trim_offsets"),
        usesPattern: try boolean("use_regex", standard: true))
    case "CharDelimiterSplit":
      try allow(["delimiter"])
      return .characterDelimiter(try character("delimiter"))
    case "Punctuation":
      try allow(["behavior"])
      return .punctuation(try oneOf("behavior", SplitBehavior.fileNames, standard: .isolated).value)
    case "Digits":
      try allow(["individual_digits"])
      return .digits(individual: try boolean("individual_digits"))
    case "FixedLength":
      try allow(["length"])
      return .fixedLength(try integer("length", in: 1...Int(Int32.max)))
    case "Split":
      try allow(["pattern", "behavior", "invert"])
      return .split(
        try pattern(), try oneOf("behavior", SplitBehavior.fileNames).value,
        invert: try boolean("invert"))
    case "Metaspace":
      let metaspace = try metaspace()
      return .metaspace(
        replacement: metaspace.replacement, prepend: metaspace.prepend, splits: metaspace.splits)
    case "Sequence":
      try allow(["pretokenizers"])
      var parts: [PreTokenizer] = []
      for part in try sections("pretokenizers") { parts.append(try part.preTokenizer()) }
      return .sequence(parts)
    default:
      throw unsupportedType(
        expected: "Whitespace, WhitespaceSplit, BertPreTokenizer, UnicodeScripts, ByteLevel, "
          + "CharDelimiterSplit, Punctuation, Digits, FixedLength, Split, Metaspace or Sequence")
    }
  }

  /// The settings of a Metaspace, pre-tokenizer or decoder; older files say `add_prefix_space`.
  func metaspace() throws(TextError) -> (
    replacement: Unicode.Scalar, prepend: PreTokenizer.PrependScheme, splits: Bool
  ) {
    try allow(["replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep"])
    let prepend = try oneOf(
      "prepend_scheme", PreTokenizer.PrependScheme.allCases, standard: .always)
    if object["add_prefix_space"] != nil, try boolean("add_prefix_space") != (prepend != .never) {
      throw unexpected(
        "add_prefix_space", expected: "what prepend_scheme \"\(prepend.rawValue)\" says")
    }
    return (try character("replacement"), prepend, try boolean("split", standard: true))
  }
}

extension SplitBehavior {
  /// A behavior by its name in a file, where it begins with a capital.
  struct FileName: RawRepresentable {
    let value: SplitBehavior

    init(_ value: SplitBehavior) { self.value = value }

    init?(rawValue: String) {
      guard let found = SplitBehavior.fileNames.first(where: { $0.rawValue == rawValue }) else {
        return nil
      }
      self = found
    }

    var rawValue: String {
      switch value {
      case .removed: "Removed"
      case .isolated: "Isolated"
      case .mergedWithPrevious: "MergedWithPrevious"
      case .mergedWithNext: "MergedWithNext"
      case .contiguous: "Contiguous"
      }
    }

    static let isolated = FileName(.isolated)
  }

  static let fileNames = allCases.map { FileName($0) }
}
