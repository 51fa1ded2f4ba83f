/// Writes sentences in CoNLL columns: the token first, then one column for each list of tags. With
/// two lists, right ones and predicted ones, this is what the CoNLL scorer reads.
public struct ConllWriter: Sendable {
  public let separator: ConllFormat.Separator
  /// What has been written so far, UTF-8.
  public private(set) var bytes: [UInt8] = []
  private static let documentMark = "-DOCSTART-"
  private var document = 0
  private var sentences = 0

  /// - Parameter separator: one space is written for `whiteSpace`.
  public init(separator: ConllFormat.Separator = .whiteSpace) {
    self.separator = separator
  }

  /// Adds a sentence. A new document (by its number) begins with the line `-DOCSTART-`, with as
  /// many columns as the others have.
  ///
  /// - Parameter predicted: tags of a model, for a further column.
  /// - Throws: where a token or a tag is empty or holds what separates columns or lines, where a
  ///   token is the document mark, and where there is not one tag for each token.
  public mutating func append(
    _ sentence: TaggedSentence, predicted: [String]? = nil
  ) throws(TextError) {
    sentences += 1
    var columns = [sentence.tokens]
    if !sentence.tags.isEmpty { columns.append(sentence.tags) }
    if let predicted { columns.append(predicted) }
    for column in columns where column.count != sentence.tokens.count {
      throw TextError(
        "sentence \(sentences) to write has \(column.count) tags for \(sentence.tokens.count) "
          + "tokens")
    }
    guard !sentence.tokens.isEmpty else { return }
    var text: [UInt8] = []
    for _ in document..<max(document, sentence.document) {
      let mark = [Self.documentMark] + [String](repeating: "O", count: columns.count - 1)
      text += line(mark) + [0x0A]
    }
    for index in sentence.tokens.indices {
      let fields = columns.map { $0[index] }
      for field in fields { try check(field) }
      guard fields[0] != Self.documentMark else {
        throw TextError(
          "sentence \(sentences) to write has the token \"\(Self.documentMark)\", which marks a "
            + "document")
      }
      text += line(fields)
    }
    // The file would begin with it and the reader would take it for a byte-order mark.
    if bytes.isEmpty, text.starts(with: byteOrderMark) { bytes += byteOrderMark }
    bytes += text + [0x0A]
    document = max(document, sentence.document)
  }

  /// Writes the file: at any moment the old one or the new one is there, whole.
  public func write(to path: String) throws(TextError) {
    try writeFileAtomically(bytes, to: path)
  }

  private func line(_ fields: [String]) -> [UInt8] {
    let separator: UInt8 = self.separator == .tab ? 0x09 : 0x20
    return Array(fields.map { Array($0.utf8) }.joined(separator: [separator])) + [0x0A]
  }

  private func check(_ field: String) throws(TextError) {
    let bad = field.utf8.contains {
      $0 == 0x09 || $0 == 0x0A || $0 == 0x0D || ($0 == 0x20 && separator == .whiteSpace)
    }
    guard !bad, field.utf8.contains(where: { $0 != 0x20 }) else {
      throw TextError(
        "sentence \(sentences) to write holds \(jsonQuoted(String(field.prefix(40)))), expected a "
          + "token or tag without \(separator == .tab ? "tab" : "white space")")
    }
  }
}
