import ReelText
import Testing

@Suite struct NormalizationTests {
  // From the examples of Unicode Standard Annex 15, figures 3 to 6.
  @Test(arguments: [
    ("\u{212B}", "\u{C5}", "A\u{30A}", "\u{C5}", "A\u{30A}"),
    ("\u{2126}", "\u{3A9}", "\u{3A9}", "\u{3A9}", "\u{3A9}"),
    ("\u{1E0B}\u{323}", "\u{1E0D}\u{307}", "d\u{323}\u{307}", "\u{1E0D}\u{307}", "d\u{323}\u{307}"),
    ("\u{FB01}", "\u{FB01}", "\u{FB01}", "fi", "fi"),
    ("2\u{2075}", "2\u{2075}", "2\u{2075}", "25", "25"),
    ("\u{1E9B}\u{323}", "\u{1E9B}\u{323}", "\u{17F}\u{323}\u{307}", "\u{1E69}", "s\u{323}\u{307}"),
    (
      "\u{1112}\u{1161}\u{11AB}", "\u{D55C}", "\u{1112}\u{1161}\u{11AB}", "\u{D55C}",
      "\u{1112}\u{1161}\u{11AB}"
    ),
    ("", "", "", "", ""), ("plain\r\n", "plain\r\n", "plain\r\n", "plain\r\n", "plain\r\n"),
    (
      "\u{0}\u{E9}\u{0}", "\u{0}\u{E9}\u{0}", "\u{0}e\u{301}\u{0}", "\u{0}\u{E9}\u{0}",
      "\u{0}e\u{301}\u{0}"
    ),
  ])
  func fourForms(_ text: String, _ nfc: String, _ nfd: String, _ nfkc: String, _ nfkd: String) {
    #expect(scalars(text.normalized(.nfc)) == scalars(nfc))
    #expect(scalars(text.normalized(.nfd)) == scalars(nfd))
    #expect(scalars(text.normalized(.nfkc)) == scalars(nfkc))
    #expect(scalars(text.normalized(.nfkd)) == scalars(nfkd))
  }

  @Test(arguments: NormalizationForm.allCases)
  func twiceIsOnce(_ form: NormalizationForm) throws {
    for text in TextSamples.all {
      let once = text.normalized(form)
      #expect(scalars(once.normalized(form)) == scalars(once))
      #expect(try Normalization.normalize(Array(text.utf8), form) == Array(once.utf8))
    }
  }

  @Test func invalidBytesAreRefused() {
    #expect(
      errorText { _ = try Normalization.normalize([0x61, 0x80], .nfc) }
        .hasPrefix("not UTF-8: byte 0x80 at line 1, column 2 (offset 1)"))
  }
}
