import ReelText
import Testing

/// The scanners written by hand find what their patterns find.
@Suite struct PieceScannerTests {
  private static let contractions = "'s|'t|'re|'ve|'m|'ll|'d"
  private static let expressions: [String] = [
    contractions + #"| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#,
    #"(?i:"# + contractions + #")|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
      + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#,
    #"(?i:"# + contractions + #")|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
      + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#,
    WordPattern.expression,
    #"\X"#,
  ]

  /// Parts that the scanners tell apart, so that random texts of them meet every case.
  private static let parts: [String] =
    Array("abhHwWfFxyzABKLſk'’  \n\r\t.,-!?/@:_#*&<>\"%+0123789").map { String($0) }
    + [
      "\u{301}", "\u{308}", "\u{200D}", "\u{200C}", "\u{FE0F}", "\u{FE0E}", "\u{20E3}", "é", "ß",
      "漢", "々", "〇", "か", "カ", "한", "ก", "हि", "١", "½", "Ⅷ", "ℹ", "。", "”", "—", "©", "❤", "€",
      "\u{1F469}", "\u{1F3FD}", "\u{1F1EE}", "\u{1F1F3}", "\u{E0067}", "\u{E007F}", "\u{A0}",
      "\u{2028}", "\u{3000}", "\u{85}", "\u{1C}", "⺀", "http://", "HTTPS://", "www.", "ftp://",
      "the", "don't", "U.S.", "a.b", "x@y.z", "m-n.o@p-q.", "'s", "'LL", "'Ve", "\r\n", "3.14",
      "1,0",
      "\u{1F469}\u{200D}\u{1F680}", "1\u{FE0F}\u{20E3}",
    ]

  @Test(arguments: expressions)
  func scannersEqualTheirPatterns(_ expression: String) throws {
    let pattern = try Pattern(expression: expression)
    var generator = TestGenerator(state: 7)
    for round in 0..<1500 {
      var text = ""
      if round % 4 == 0 {
        text = generator.text(upTo: 40)
      } else {
        for _ in 0..<Int.random(in: 0...24, using: &generator) {
          text += Self.parts.randomElement(using: &generator) ?? ""
        }
      }
      let found = matches(of: pattern, in: text)
      let expected = try programMatches(of: pattern, in: text)
      #expect(found == expected, "\(text.debugDescription)")
      if found != expected { return }
    }
  }

  @Test func everyScalarHasTheSameKind() throws {
    for expression in Self.expressions {
      let pattern = try Pattern(expression: expression)
      var text = String.UnicodeScalarView()
      for value in stride(from: UInt32(1), to: 0x30000, by: 1)
      where value % 3 != 2 || value < 0x3000 {
        guard let scalar = Unicode.Scalar(value) else { continue }
        text.append(scalar)
        text.append(value % 2 == 0 ? "a" : " ")
      }
      #expect(
        try matches(of: pattern, in: String(text)) == programMatches(of: pattern, in: String(text)))
    }
  }
}
