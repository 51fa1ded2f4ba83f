/// A sentence with a tag on each token.
public struct TaggedSentence: Sendable, Hashable {
  public var tokens: [String]
  /// As many as tokens, or none where the file has no tags.
  public var tags: [String]
  /// The line of the first token in its file, from 1; each further token stands on the next line. 0
  /// where the sentence came from no file.
  public var line: Int
  /// The number of document marks that came before it in its file.
  public var document: Int

  public init(tokens: [String], tags: [String], line: Int = 0, document: Int = 0) {
    precondition(
      tags.isEmpty || tags.count == tokens.count,
      "TaggedSentence: \(tags.count) tags for \(tokens.count) tokens")
    self.tokens = tokens
    self.tags = tags
    self.line = line
    self.document = document
  }
}

extension TaggedSentence {
  /// The spans of the sentence in the scheme of its tags.
  ///
  /// - Throws: where the tags break the scheme, naming the line of `file`.
  public func spans(_ scheme: TagScheme, of file: MappedFile) throws(TextError) -> [Span] {
    do {
      return try scheme.spans(of: tags)
    } catch {
      throw file.error(line: line + error.index, "\(error)")
    }
  }

  /// The sentence with its tags in another scheme.
  ///
  /// - Throws: where the tags break the first scheme, naming the line of `file`.
  public func converted(
    from scheme: TagScheme, to other: TagScheme, of file: MappedFile
  ) throws(TextError) -> TaggedSentence {
    var result = self
    do {
      result.tags = try scheme.convert(tags, to: other)
    } catch {
      throw file.error(line: line + error.index, "\(error)")
    }
    return result
  }
}
