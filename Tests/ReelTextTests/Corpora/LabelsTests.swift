import ReelText
import Testing

@Suite struct LabelsTests {
  @Test func inTheOrderGivenOrOfTheScalars() throws {
    let given = try Labels(["up", "down"])
    #expect(given.names == ["up", "down"] && given.count == 2 && given[1] == "down")
    #expect(given.index(of: "down") == 1 && given.index(of: "level") == nil)
    let found = Labels(of: ["b", "", "\u{10000}", "a", "\u{FFFD}", "b"])
    #expect(found.names == ["a", "b", "\u{FFFD}", "\u{10000}"])
    #expect(given != found)
    #expect(try Labels(found.names) == found)
  }

  @Test func comparedByBytes() throws {
    let labels = try Labels(["\u{E9}", "e\u{301}"])
    #expect(labels.index(of: "e\u{301}") == 1)
    #expect(Labels(of: ["\u{E9}", "e\u{301}"]).count == 2)
    #expect(try labels != Labels(["e\u{301}", "\u{E9}"]))
  }

  @Test func errors() throws {
    #expect(errorText { _ = try Labels(["a", ""]) } == "label 1 is empty, expected a name")
    #expect(
      errorText { _ = try Labels(["a", "b", "a"]) }
        == "the label \"a\" comes twice, as number 0 and 2")
    let labels = try Labels(["up", "down"])
    let file = memory("up\tfine\nmiddling\tso\n")
    let examples = try LabelledTextReader(tsv: file).records()
    #expect(try labels.index(of: examples[0].label, line: examples[0].line, of: file) == 0)
    #expect(
      errorText { _ = try labels.index(of: examples[1].label, line: examples[1].line, of: file) }
        == "corpus 'f', line 2: unknown label \"middling\", expected one of \"up\", \"down\"")
    let many = Labels(of: (100..<150).map { "\($0)" })
    #expect(
      errorText { _ = try many.index(of: "x", line: 1, of: file) }
        .hasSuffix("\"118\", \"119\", … (50 in all)"))
  }
}
