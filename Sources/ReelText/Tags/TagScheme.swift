/// How tags on single tokens say where spans of tokens begin and end. A tag is "O" outside of all
/// spans, else a letter, "-" and the label: "B-PER".
///
/// | | one token | two tokens | right after a span with the same label |
/// |---|---|---|---|
/// | IOB1 (Ramshaw and Marcus 1995) | `I` | `I I` | `B`, `B I` |
/// | IOB2 (Tjong Kim Sang and Veenstra 1999) | `B` | `B I` | the same |
/// | IOBES | `S` | `B E` | the same |
/// | BILOU (Ratinov and Roth 2009) | `U` | `B L` | the same |
///
/// Between B and E (or L) stands I.
public enum TagScheme: String, Sendable, Codable, CaseIterable {
  case iob1, iob2, iobes, bilou

  /// The name in capitals: "IOB2".
  public var name: String { rawValue.uppercased() }

  /// The letter of a position in a span, or nil where the scheme has none.
  func letter(_ position: Tag.Position) -> Character? {
    switch (position, self) {
    case (.outside, _): "O"
    case (.begin, _): "B"
    case (.inside, _): "I"
    case (.end, .iobes): "E"
    case (.end, .bilou): "L"
    case (.single, .iobes): "S"
    case (.single, .bilou): "U"
    case (.end, _), (.single, _): nil
    }
  }

  /// The parts of a tag, or nil where it is none of this scheme.
  func parse(_ tag: String) -> Tag? {
    let utf8 = tag.utf8
    guard let first = utf8.first else { return nil }
    let label: Substring
    if utf8.count == 1 {
      label = ""
    } else {
      let rest = utf8.dropFirst()
      guard rest.first == UInt8(ascii: "-"), rest.count > 1 else { return nil }
      label = Substring(rest.dropFirst())
    }
    switch first {
    case UInt8(ascii: "O"): return utf8.count == 1 ? Tag(position: .outside, label: "") : nil
    case UInt8(ascii: "B"): return Tag(position: .begin, label: label)
    case UInt8(ascii: "I"): return Tag(position: .inside, label: label)
    case UInt8(ascii: "E") where self == .iobes, UInt8(ascii: "L") where self == .bilou:
      return Tag(position: .end, label: label)
    case UInt8(ascii: "S") where self == .iobes, UInt8(ascii: "U") where self == .bilou:
      return Tag(position: .single, label: label)
    default: return nil
    }
  }

  /// A tag as text.
  func text(_ position: Tag.Position, _ label: Substring) -> String {
    // Every position that is asked for exists in the scheme; see `tags(for:count:)`.
    let letter = letter(position) ?? "I"
    return label.isEmpty || position == .outside ? "\(letter)" : "\(letter)-\(label)"
  }
}
