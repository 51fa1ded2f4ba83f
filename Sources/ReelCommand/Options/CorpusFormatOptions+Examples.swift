import Reel

extension CorpusFormatOptions {
  func labelledTexts(_ path: String) throws -> [LabelledText] {
    try refuse("--target", target != nil, "labelled texts")
    return try exampleFile(path).labelledTexts(label: label, text: text)
  }

  func pairs(_ path: String) throws -> [TextPair] {
    try refuse("--label", label != nil, "pairs of texts")
    return try exampleFile(path).pairs(source: text, target: target)
  }

  func sentences(_ path: String) throws -> [TaggedSentence] {
    try ExampleFile.sentences(path, try conll(), replacesInvalidBytes: replaceInvalid)
  }

  /// The columns of tokens and tags.
  func conll() throws -> ConllFormat {
    guard format == nil || format == .conll else {
      throw CommandError.wrongArgument("--format \(format?.rawValue ?? ""): conll is expected")
    }
    try refuse("--target", target != nil, "tagged sentences")
    try refuse("--header", header, "tagged sentences")
    var columns = ConllFormat()
    if let text { columns.tokenColumn = try Self.column(text, "--text") }
    if let label { columns.tagColumn = try Self.column(label, "--label") }
    return columns
  }

  private func exampleFile(_ path: String) throws -> ExampleFile {
    let format: ExampleFormat? =
      switch self.format {
      case nil: nil
      case .tsv: .tsv
      case .jsonLines: .jsonLines
      case .text, .conll:
        throw CommandError.wrongArgument(
          "--format \(self.format?.rawValue ?? ""): tsv or json-lines is expected")
      }
    try refuse("--scheme", scheme != nil, "texts")
    return try ExampleFile(
      path, format: format, hasHeader: header, replacesInvalidBytes: replaceInvalid)
  }

  private func refuse(_ option: String, _ isSet: Bool, _ what: String) throws {
    guard isSet else { return }
    throw CommandError.wrongArgument("\(option) does not go with \(what)")
  }

  /// A column of a CoNLL file: a number from 1, or "last".
  static func column(_ text: String, _ option: String) throws -> ConllFormat.Column {
    if text == "last" { return .last }
    guard let number = Int(text), number >= 1 else {
      throw CommandError.wrongArgument(
        "\(option) '\(text)': CoNLL columns have numbers from 1, or 'last'")
    }
    return .number(number)
  }
}
