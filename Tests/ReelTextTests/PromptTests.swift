import ReelText
import Testing

/// Prompts whose characters the vocabulary lacks.
@Suite struct PromptTests {
  private func prompt(_ text: String, knowing corpus: String) -> (text: String, unknown: String) {
    let tokenizer = ScalarTokenizer(trainedOn: corpus)
    let encoded = tokenizer.encodePrompt(text)
    var unknown = String.UnicodeScalarView()
    unknown.append(contentsOf: encoded.unknown)
    return (tokenizer.decode(encoded.ids), String(unknown))
  }

  @Test func knownTextIsLeftAlone() {
    // Both forms are known: nothing may be composed.
    let result = prompt("e\u{301}\u{E9}", knowing: "e\u{301}\u{E9}")
    #expect(scalars(result.text) == [0x65, 0x301, 0xE9])
    #expect(result.unknown.isEmpty)
  }

  @Test func composedWhereOnlyThatIsKnown() {
    let result = prompt("cafe\u{301}", knowing: "caf\u{E9}")
    #expect(scalars(result.text) == scalars("caf\u{E9}"))
    #expect(result.unknown.isEmpty)
  }

  @Test func decomposedWhereOnlyThatIsKnown() {
    let result = prompt("caf\u{E9}", knowing: "cafe\u{301}")
    #expect(scalars(result.text) == scalars("cafe\u{301}"))
    #expect(result.unknown.isEmpty)
  }

  @Test func compatibilityFormsAreTried() {
    let result = prompt("\u{FB01}sh \u{2460}\u{A0}\u{FF21}", knowing: "fish 1A")
    #expect(result.text == "fish 1 A")
    #expect(result.unknown.isEmpty)
  }

  @Test func jamoAreComposed() {
    let result = prompt("\u{1112}\u{1161}\u{11AB}!", knowing: "\u{D55C}!")
    #expect(scalars(result.text) == [0xD55C, 0x21])
  }

  @Test func theRestIsUnknownAndReportedOnce() {
    let result = prompt("a\u{1F680}b\u{1F680}\u{4E2D}c", knowing: "abc")
    #expect(result.text == "a\u{FFFD}b\u{FFFD}\u{FFFD}c")
    #expect(scalars(result.unknown) == [0x1F680, 0x4E2D])
  }

  @Test func anUnknownMarkLeavesItsLetter() {
    let result = prompt("e\u{308}x", knowing: "ex")
    // Composed, the two are one unknown scalar; no form is all known.
    #expect(result.text == "\u{FFFD}x")
    #expect(scalars(result.unknown) == [0xEB])
  }

  @Test func randomPromptsNeverCrash() {
    var generator = TestGenerator(state: 4)
    let tokenizer = ScalarTokenizer(trainedOn: "The cat sat.\n")
    for _ in 0..<200 {
      let encoded = tokenizer.encodePrompt(generator.text(upTo: 30))
      #expect(encoded.ids.allSatisfy { 0 <= $0 && $0 < tokenizer.vocabularySize })
      #expect(encoded.unknown.count <= encoded.ids.count)
    }
  }
}
