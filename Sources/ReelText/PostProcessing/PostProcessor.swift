/// The last step of encoding: puts special tokens around the text and trims offsets, exactly as in
/// the Hugging Face tokenizers library.
public indirect enum PostProcessor: Sendable, Equatable {
  /// A special token by its text and id.
  public struct Token: Sendable, Equatable {
    public var text: String
    public var id: Int32

    public init(_ text: String, id: Int32) {
      self.text = text
      self.id = id
    }
  }

  /// `classifier A separator`, or `classifier A separator B separator` with type 1 from B on
  /// (BERT, Devlin et al. 2019).
  case bert(separator: Token, classifier: Token)

  /// `classifier A separator`, or `classifier A separator separator B separator`, all of type 0
  /// (RoBERTa, Liu et al. 2019). Offsets are trimmed as by `byteLevel`.
  case roberta(separator: Token, classifier: Token, trimsOffsets: Bool, addsPrefixSpace: Bool)

  /// Takes white space at both ends of a token out of its offsets, if `trimsOffsets`. With
  /// `addsPrefixSpace` a single space that begins the text is kept: it stands for nothing there.
  /// The pattern has no effect here; a file may carry it.
  case byteLevel(addsPrefixSpace: Bool, trimsOffsets: Bool, usesPattern: Bool = true)

  /// A template for one text and one for two.
  case template(TemplateProcessing)

  /// One after the other.
  case sequence([PostProcessor])

  /// Refuses a template after another one in a sequence: it would find more texts than two.
  func check() throws(TextError) {
    guard templateCount <= 1 else {
      throw TextError(
        "post_processor is a sequence of \(templateCount) templates, expected at most one")
    }
  }

  private var templateCount: Int {
    switch self {
    case .template: 1
    case .sequence(let parts): parts.reduce(0) { $0 + $1.templateCount }
    default: 0
    }
  }

  /// How many tokens are added to one text or to two.
  func addedCount(isPair: Bool) -> Int {
    switch self {
    case .bert: return isPair ? 3 : 2
    case .roberta: return isPair ? 4 : 2
    case .byteLevel: return 0
    case .template(let template): return template.addedCount(isPair: isPair)
    case .sequence(let parts): return parts.reduce(0) { $0 + $1.addedCount(isPair: isPair) }
    }
  }

  /// Every id that this adds, with the token it is given for.
  var tokens: [Token] {
    switch self {
    case .bert(let separator, let classifier), .roberta(let separator, let classifier, _, _):
      return [separator, classifier]
    case .byteLevel: return []
    case .template(let template):
      return template.specials.flatMap { special in
        zip(special.tokens, special.ids).map { Token($0, id: $1) }
      }
    case .sequence(let parts): return parts.flatMap(\.tokens)
    }
  }

  /// The encodings that, one after the other, are the result.
  ///
  /// - Parameters:
  ///   - encodings: of one text or two.
  ///   - texts: those texts.
  func process(_ encodings: [Encoding], of texts: [[UInt8]], addsSpecialTokens: Bool) -> [Encoding]
  {
    switch self {
    case .bert(let separator, let classifier):
      guard addsSpecialTokens else { return encodings }
      return encodings.enumerated().map { index, encoding in
        encoding.surrounded(
          by: index == 0 ? [classifier] : [], [separator], typeID: Int32(min(index, 1)))
      }
    case .roberta(let separator, let classifier, let trimsOffsets, let addsPrefixSpace):
      var encodings = encodings
      for index in encodings.indices {
        if trimsOffsets {
          encodings[index].trimOffsets(addsPrefixSpace: addsPrefixSpace, in: texts)
        }
        encodings[index].setTypeID(0, includingOverflowing: addsSpecialTokens)
      }
      guard addsSpecialTokens else { return encodings }
      return encodings.enumerated().map { index, encoding in
        encoding.surrounded(by: [index == 0 ? classifier : separator], [separator], typeID: 0)
      }
    case .byteLevel(let addsPrefixSpace, let trimsOffsets, _):
      guard trimsOffsets else { return encodings }
      var encodings = encodings
      for index in encodings.indices {
        encodings[index].trimOffsets(addsPrefixSpace: addsPrefixSpace, in: texts)
      }
      return encodings
    case .template(let template):
      return template.apply(to: encodings, addsSpecialTokens: addsSpecialTokens)
    case .sequence(let parts):
      return parts.reduce(encodings) {
        $1.process($0, of: texts, addsSpecialTokens: addsSpecialTokens)
      }
    }
  }
}

extension Encoding {
  /// This encoding, and each part that overflowed, between special tokens.
  fileprivate func surrounded(
    by before: [PostProcessor.Token], _ after: [PostProcessor.Token], typeID: Int32
  ) -> Encoding {
    var result = Encoding(special: before.map { ($0.text, $0.id) }, typeID: typeID)
    var own = self
    own.overflowing = []
    result.append(own)
    result.append(Encoding(special: after.map { ($0.text, $0.id) }, typeID: typeID))
    result.overflowing = overflowing.map { $0.surrounded(by: before, after, typeID: typeID) }
    return result
  }
}
