extension TagScheme {
  /// Which of these tags may follow each other, begin a sentence and end one: a sequence of the tags
  /// keeps to this table exactly where `validate` finds nothing wrong with it.
  ///
  /// A tag that is none of the scheme may stand nowhere.
  ///
  /// - Returns: `allowed[from][to]`, `start[tag]` and `end[tag]`, in the order of the tags.
  public func transitions(
    _ tags: [String]
  ) -> (allowed: [[Bool]], start: [Bool], end: [Bool]) {
    let parsed = tags.map { parse($0) }
    func fits(_ tag: Tag?, after last: Tag?) -> Bool {
      guard let tag, let last else { return false }
      return self.fits(tag, after: last)
    }
    return (
      allowed: parsed.map { from in parsed.map { fits($0, after: from) } },
      start: parsed.map { fits($0, after: .outside) },
      end: parsed.map { $0.map { mayEnd(with: $0) } ?? false }
    )
  }

  /// Whether a tag may stand right after another one; "O" stands for what is before a sentence.
  func fits(_ tag: Tag, after last: Tag) -> Bool {
    let continues = last.isOpen && last.hasLabel(of: tag)
    switch self {
    case .iob1: return tag.position != .begin || continues
    case .iob2: return tag.position != .inside || continues
    case .iobes, .bilou:
      let needsOpen = tag.position == .inside || tag.position == .end
      return last.isOpen ? needsOpen && continues : !needsOpen
    }
  }

  /// Whether a tag may be the last one of a sentence.
  func mayEnd(with tag: Tag) -> Bool {
    switch self {
    case .iob1, .iob2: true
    case .iobes, .bilou: !tag.isOpen
    }
  }
}
