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
    violations(in: tags) { violation in
      found = violation
      return false
    }
    if let found { throw found }
  }

  /// Whether the tags of a sentence follow this scheme.
  public func isValid(_ tags: [String]) -> Bool {
    (try? validate(tags)) != nil
  }

  /// Calls `body` with every place where the tags break this scheme, until it returns false. A tag
  /// that is none of the scheme counts as "O" for the tags beside it.
  func violations(in tags: [String], _ body: (TagViolation) -> Bool) {
    var last = Tag(position: .outside, label: "")
    var lastText = ""
    func report(_ index: Int, _ reason: String) -> Bool {
      body(TagViolation(scheme: self, index: index, reason: reason))
    }
    for (index, text) in tags.enumerated() {
      guard let tag = parse(text) else {
        guard report(index, "\(jsonQuoted(text)) is none of its tags, expected \(forms)") else {
          return
        }
        (last, lastText) = (Tag(position: .outside, label: ""), text)
        continue
      }
      let before = index == 0 ? "at the beginning" : "after \(jsonQuoted(lastText))"
      let isOpen = last.position == .begin || last.position == .inside
      let continues = isOpen && last.hasLabel(of: tag)
      var reason: String?
      switch self {
      case .iob1:
        if tag.position == .begin, !continues {
          reason =
            "found \(jsonQuoted(text)) \(before), expected "
            + jsonQuoted(self.text(.inside, tag.label))
        }
      case .iob2:
        if tag.position == .inside, !continues {
          reason =
            "found \(jsonQuoted(text)) \(before), expected "
            + jsonQuoted(self.text(.begin, tag.label))
        }
      case .iobes, .bilou:
        let needsOpen = tag.position == .inside || tag.position == .end
        if isOpen, !(needsOpen && continues) {
          reason = "found \(jsonQuoted(text)) \(before), expected \(goingOn(last.label))"
        } else if needsOpen, !isOpen {
          reason =
            "found \(jsonQuoted(text)) \(before), expected "
            + "\(jsonQuoted(self.text(.begin, tag.label))) or "
            + jsonQuoted(self.text(.single, tag.label))
        }
      }
      if let reason, !report(index, reason) { return }
      (last, lastText) = (tag, text)
    }
    if self == .iobes || self == .bilou, last.position == .begin || last.position == .inside {
      _ = report(
        tags.count - 1,
        "the sentence ends after \(jsonQuoted(lastText)), expected \(goingOn(last.label))")
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
