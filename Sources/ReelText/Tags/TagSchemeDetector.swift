/// Finds out which scheme the tags of a whole corpus follow.
///
/// ```swift
/// var detector = TagSchemeDetector()
/// try reader.forEach { detector.add($0) }
/// let scheme = try detector.scheme(of: file)
/// ```
public struct TagSchemeDetector: Sendable {
  private struct Finding {
    var count = 0
    var first: (violation: TagViolation, line: Int)?
  }

  private var findings = [Finding](repeating: Finding(), count: TagScheme.allCases.count)

  public init() {}

  /// Looks at one more sentence.
  public mutating func add(_ sentence: TaggedSentence) {
    add(sentence.tags, firstLine: sentence.line)
  }

  /// Looks at the tags of one more sentence, the first of which stands on line `firstLine` of its
  /// file and each further one on the next.
  public mutating func add(_ tags: [String], firstLine: Int) {
    for (index, scheme) in TagScheme.allCases.enumerated() {
      scheme.violations(in: tags) { place, reason in
        findings[index].count += 1
        if findings[index].first == nil {
          let violation = TagViolation(scheme: scheme, index: place, reason: reason())
          findings[index].first = (violation, firstLine + place)
        }
        return true
      }
    }
  }

  /// The schemes that nothing has broken so far, in the order IOB2, IOBES, BILOU, IOB1. Tags of "O"
  /// alone follow all of them.
  public var possible: [TagScheme] {
    Self.order.filter { finding($0).count == 0 }
  }

  /// The scheme of the corpus: the first possible one.
  ///
  /// - Throws: where every scheme is broken somewhere, the line of the first break of the one that
  ///   is broken least often.
  public func scheme(of file: MappedFile) throws(TextError) -> TagScheme {
    if let scheme = possible.first { return scheme }
    var best = Self.order[0]
    for scheme in Self.order where finding(scheme).count < finding(best).count { best = scheme }
    guard let (violation, line) = finding(best).first else { return best }
    throw file.error(line: line, "\(violation)")
  }

  private static let order: [TagScheme] = [.iob2, .iobes, .bilou, .iob1]

  private func finding(_ scheme: TagScheme) -> Finding {
    findings[TagScheme.allCases.firstIndex(of: scheme) ?? 0]
  }
}
