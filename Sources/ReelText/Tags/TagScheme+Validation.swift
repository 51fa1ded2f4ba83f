/// A place where tags break their scheme.
public struct TagViolation: Error, Sendable, Equatable, CustomStringConvertible {
  public let scheme: TagScheme
  /// The place of the tag in its sentence, from 0.
  public let index: Int
  /// What stands there and what was expected.
  public let reason: String

  public var description: String { "\(scheme.name) is broken: \(reason)" }
}

extension TagScheme {
  /// - Throws: the first place where the tags of a sentence break this scheme.
  public func validate(_ tags: [String]) throws(TagViolation) {
    var found: TagViolation?
    violations(in: tags) { index, reason in
      found = TagViolation(scheme: self, index: index, reason: reason())
      return false
    }
    if let found { throw found }
  }

  /// Whether the tags of a sentence follow this scheme.
  public func isValid(_ tags: [String]) -> Bool {
    (try? validate(tags)) != nil
  }

  /// Calls `body` with every place where the tags break this scheme and the reason, until it returns
  /// false. A tag that is none of the scheme counts as "O" for the tags beside it.
  func violations(in tags: [String], _ body: (Int, () -> String) -> Bool) {
    var last = Tag.outside
    var lastText = ""
    for (index, text) in tags.enumerated() {
      guard let tag = parse(text) else {
        let goesOn = body(index) { "\(jsonQuoted(text)) is none of its tags, expected \(forms)" }
        guard goesOn else { return }
        (last, lastText) = (.outside, text)
        continue
      }
      if !fits(tag, after: last) {
        let (last, lastText) = (last, lastText)
        let goesOn = body(index) {
          let before = index == 0 ? "at the beginning" : "after \(jsonQuoted(lastText))"
          return "found \(jsonQuoted(text)) \(before), expected \(expected(for: tag, after: last))"
        }
        guard goesOn else { return }
      }
      (last, lastText) = (tag, text)
    }
    if !mayEnd(with: last) {
      _ = body(tags.count - 1) {
        "the sentence ends after \(jsonQuoted(lastText)), expected \(goingOn(last.label))"
      }
    }
  }

  /// What should stand where a tag does not fit.
  private func expected(for tag: Tag, after last: Tag) -> String {
    switch self {
    case .iob1: return jsonQuoted(text(.inside, tag.label))
    case .iob2: return jsonQuoted(text(.begin, tag.label))
    case .iobes, .bilou:
      if last.isOpen { return goingOn(last.label) }
      return "\(jsonQuoted(text(.begin, tag.label))) or \(jsonQuoted(text(.single, tag.label)))"
    }
  }

  /// What may follow inside a span.
  private func goingOn(_ label: Substring) -> String {
    "\(jsonQuoted(text(.inside, label))) or \(jsonQuoted(text(.end, label)))"
  }

  /// All forms of tags.
  private var forms: String {
    let letters = [Tag.Position.begin, .inside, .end, .single].compactMap { letter($0) }
    return letters.map { "\"\($0)-…\"" }.joined(separator: ", ") + " or \"O\""
  }
}
