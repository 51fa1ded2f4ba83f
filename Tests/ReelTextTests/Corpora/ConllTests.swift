import Foundation
import ReelText
import Testing

@Suite struct ConllTests {
  private func read(
    _ text: String, _ format: ConllFormat = ConllFormat()
  ) throws -> [TaggedSentence] {
    try ConllReader(memory(text), format: format).records()
  }

  static let conll2003 = """
    -DOCSTART- -X- O O

    EU NNP I-NP I-ORG
    rejects VBZ I-VP O

    # CD I-NP O
    # CD\t I-NP O
    -DOCSTART-
    x\u{A0}y NN I-NP O\r

     \r
    z NN I-NP I-PER
    """

  @Test func columnsOfConll2003() throws {
    #expect(
      try read(Self.conll2003) == [
        TaggedSentence(tokens: ["EU", "rejects"], tags: ["I-ORG", "O"], line: 3, document: 1),
        TaggedSentence(tokens: ["#", "#"], tags: ["O", "O"], line: 6, document: 1),
        TaggedSentence(tokens: ["x\u{A0}y"], tags: ["O"], line: 9, document: 2),
        TaggedSentence(tokens: ["z"], tags: ["I-PER"], line: 12, document: 2),
      ])
    let chunks = ConllFormat(tokenColumn: 2, tagColumn: 3, documentMark: nil)
    #expect(
      try read("EU NNP I-NP I-ORG\n", chunks)
        == [TaggedSentence(tokens: ["NNP"], tags: ["I-NP"], line: 1)])
    #expect(
      try read("a\nb\n\nc", ConllFormat(tagColumn: nil)).map(\.tokens) == [["a", "b"], ["c"]])
    #expect(try read("\n\n") == [])
  }

  @Test func tabsAndComments() throws {
    let format = ConllFormat(separator: .tab, tokenColumn: 2, tagColumn: 4, commentPrefix: "#")
    let text = """
      # sent_id = 1
      # text = New York #1
      1\tNew York\t_\tB-LOC
      2\t#\t\tO

      # another
      1\t#\t_\tO
      """
    #expect(
      try read(text, format) == [
        TaggedSentence(tokens: ["New York", "#"], tags: ["B-LOC", "O"], line: 3),
        TaggedSentence(tokens: ["#"], tags: ["O"], line: 7),
      ])
    // Inside a sentence a comment would be a token.
    #expect(
      errorText { _ = try read("1\ta\t_\tO\n# no\n", format) }
        == "corpus 'f', line 2: 1 column, expected 4, as on line 1")
  }

  @Test(arguments: [
    ("a O\nb\n", "line 2: 1 column, expected 2, as on line 1"),
    ("a x O\n\n\nb O\n", "line 4: 2 columns, expected 3, as on line 1"),
    ("a\nb\n", "line 1: 1 column, expected a token and a tag"),
  ])
  func wrongColumns(text: String, expected: String) throws {
    var reader = ConllReader(memory(text))
    #expect(errorText { while try reader.next() != nil {} } == "corpus 'f', \(expected)")
    #expect(try reader.next() == nil)
  }

  @Test func missingAndEmptyColumns() {
    #expect(
      errorText { _ = try read("a O\n", ConllFormat(tagColumn: 3)) }
        == "corpus 'f', line 1: 2 columns, expected the tag in column 3")
    #expect(
      errorText { _ = try read("a O\n", ConllFormat(tokenColumn: 0)) }
        == "corpus 'f', line 1: 2 columns, expected the token in column 0")
    #expect(
      errorText { _ = try read("a\t\n", ConllFormat(separator: .tab)) }
        == "corpus 'f', line 1: the tag in the last column is empty")
    #expect(
      errorText { _ = try read("a O\n\u{FEFF}b \u{0}\nc", ConllFormat()) }.contains("line 3"))
  }

  @Test func aBrokenSchemeNamesItsLine() throws {
    let file = memory("a B-A\n\nb O\nc I-A\n")
    let sentences = try ConllReader(file).records()
    #expect(try sentences[0].spans(.iob2, of: file) == [Span(label: "A", range: 0..<1)])
    let expected =
      "corpus 'f', line 4: IOB2 is broken: found \"I-A\" after \"O\", expected \"B-A\""
    #expect(errorText { _ = try sentences[1].spans(.iob2, of: file) } == expected)
    #expect(
      errorText { _ = try sentences[1].converted(from: .iob2, to: .iobes, of: file) } == expected)
    #expect(try sentences[0].converted(from: .iob2, to: .bilou, of: file).tags == ["U-A"])
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let sentences = try read(Self.conll2003)
    for separator in ConllFormat.Separator.allCases {
      var writer = ConllWriter(separator: separator)
      for sentence in sentences { try writer.append(sentence) }
      let file = MappedFile(bytes: writer.bytes, name: "f")
      var found = try ConllReader(file, format: ConllFormat(separator: separator)).records()
      #expect(found.map(\.line) == [3, 6, 11, 13])
      for index in found.indices { found[index].line = sentences[index].line }
      #expect(found == sentences)
    }
    var writer = ConllWriter()
    let sentence = TaggedSentence(tokens: ["\u{FEFF}a", "b"], tags: ["B-A", "O"], document: 2)
    try writer.append(sentence, predicted: ["B-A", "B-A"])
    #expect(
      String(decoding: writer.bytes, as: UTF8.self)
        == "-DOCSTART- O O\n\n-DOCSTART- O O\n\n\u{FEFF}a B-A B-A\nb O B-A\n\n")
    var tokens = ConllWriter()
    try tokens.append(TaggedSentence(tokens: ["\u{FEFF}a"], tags: []))
    let back = try ConllReader(
      MappedFile(bytes: tokens.bytes, name: "f"), format: ConllFormat(tagColumn: nil)
    ).records()
    #expect(back.map { $0.tokens.map { scalars($0) } } == [[[0xFEFF, 0x61]]])
  }

  @Test func whatCannotBeWritten() {
    func text(_ tokens: [String], _ tags: [String], predicted: [String]? = nil) -> String {
      var writer = ConllWriter()
      return errorText {
        try writer.append(TaggedSentence(tokens: tokens, tags: tags), predicted: predicted)
      }
    }
    #expect(
      text(["New York"], ["O"])
        == "sentence 1 to write holds \"New York\", expected a token or tag without white space")
    #expect(text(["a"], [""]).contains("holds \"\""))
    #expect(
      text(["a"], ["O"], predicted: []) == "sentence 1 to write has 0 tags for 1 tokens")
    #expect(
      text(["-DOCSTART-"], [])
        == "sentence 1 to write has the token \"-DOCSTART-\", which marks a document")
  }
}
