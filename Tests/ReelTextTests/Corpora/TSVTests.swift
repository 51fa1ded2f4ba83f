import ReelText
import Testing

@Suite struct TSVTests {
  private func rows(
    _ text: String, _ format: TSVFormat = TSVFormat()
  ) throws -> [[String]] {
    try TSVReader(memory(text), format: format).records().map(\.fields)
  }

  @Test func withoutQuotingEverythingStandsForItself() throws {
    #expect(
      try rows("a\t\"b\r\n\n\\t\t\"\"\n\t\n")
        == [["a", "\"b"], ["\\t", "\"\""], ["", ""]])
  }

  @Test func backslashes() throws {
    let format = TSVFormat(quoting: .backslashes)
    #expect(try rows("a\\tb\t\\\\n\\n\\r\n", format) == [["a\tb", "\\n\n\r"]])
    #expect(
      errorText { _ = try rows("a\nb\\x", format) }
        == "corpus 'f', line 2: found \"\\\\x\", expected one of the escapes \\t \\n \\r \\\\")
    #expect(errorText { _ = try rows("a\\", format) }.contains("found the end of a field"))
  }

  @Test func quotes() throws {
    let format = TSVFormat(quoting: .quotes)
    #expect(
      try rows("\"a\tb\"\t\"say \"\"x\"\"\"\nc\"d\"\t\"\"\n", format)
        == [["a\tb", "say \"x\""], ["c\"d\"", ""]])
    let long = try TSVReader(memory("\"one\r\n\ntwo\"\t1\nx\t2"), format: format).records()
    #expect(long.map(\.fields) == [["one\r\n\ntwo", "1"], ["x", "2"]])
    #expect(long.map(\.line) == [1, 4])
    #expect(
      errorText { _ = try rows("a\tb\nc\t\"d\ne\tf\n", format) }
        == "corpus 'f', line 2: a quote opens a field and none closes it before the end of the file"
    )
    let unclosed =
      "a\n\"" + String(repeating: String(repeating: "x", count: 1 << 20) + "\n", count: 17)
    #expect(
      errorText { _ = try rows(unclosed, format) }
        == "corpus 'f', line 2: a quote opens a field and none closes it within 16 MiB")
    #expect(
      errorText { _ = try rows("a\t\"b\"c\n", format) }
        == "corpus 'f', line 1: text follows the closing quote of field 2, expected a tab or the "
        + "end of the line")
  }

  @Test func theNumberOfColumnsIsHeld() throws {
    #expect(
      errorText { _ = try rows("a\tb\n\nc\td\te\n") }
        == "corpus 'f', line 3: 3 columns, expected 2, as on line 1")
    #expect(
      errorText { _ = try rows("a\n", TSVFormat(columnCount: 2)) }
        == "corpus 'f', line 1: 1 column, expected 2")
    #expect(
      errorText { _ = try rows("label\ttext\nx\n", TSVFormat(hasHeader: true)) }
        == "corpus 'f', line 2: 1 column, expected 2, as on line 1")
    #expect(try rows("a\n\nb\n") == [["a"], [""], ["b"]])
    var reader = try TSVReader(memory("a\tb\nc\nd\te\n"))
    _ = try reader.next()
    #expect(throws: TextError.self) { _ = try reader.next() }
    #expect(try reader.next() == nil)
  }

  @Test func columnsByNameAndNumber() throws {
    let text = "label\ttext\tnote\nup\tfine day\tx\n"
    let reader = try TSVReader(memory(text), format: TSVFormat(hasHeader: true))
    #expect(reader.header == ["label", "text", "note"])
    #expect(try reader.index(of: "text") == 1)
    #expect(try reader.index(of: 3) == 2)
    #expect(
      errorText { _ = try reader.index(of: "tekst") }
        == "corpus 'f' has no column \"tekst\", expected one of \"label\", \"text\", \"note\"")
    #expect(
      errorText { _ = try reader.index(of: 4) }
        == "corpus 'f' has 3 columns, column 4 was asked for")
    #expect(
      errorText { _ = try reader.index(of: 0) } == "corpus 'f': column 0 came, columns count from 1"
    )
    #expect(
      errorText { _ = try TSVReader(memory(text)).index(of: "text") }
        == "corpus 'f' is read without a header, so column \"text\" cannot be found by name")
    #expect(
      errorText { _ = try rows("", TSVFormat(hasHeader: true)) }
        == "corpus 'f' is empty, expected a header line with names of columns")
    #expect(
      errorText { _ = try rows("a\tb\ta\n", TSVFormat(hasHeader: true)) }
        == "corpus 'f', line 1: the header names the column \"a\" twice")
  }

  /// What is written comes back, whatever the fields hold.
  @Test(arguments: TSVFormat.Quoting.allCases)
  func whatIsWrittenIsReadAgain(quoting: TSVFormat.Quoting) throws {
    var random = TestGenerator(state: 11)
    for columns in 1...3 {
      var rows = [[String]](repeating: [String](repeating: "x", count: columns), count: 1)
      for _ in 0..<200 {
        rows.append(
          (0..<columns).map { _ in
            var text = random.text(upTo: 6)
            for special in ["\t", "\n", "\r", "\r\n", "\"", "\\", ""]
            where quoting != .none && Int.random(in: 0..<4, using: &random) == 0 {
              text += special + random.text(upTo: 2)
            }
            if quoting == .none {
              text.unicodeScalars.removeAll { ["\t", "\n", "\r"].contains($0) }
            }
            return text
          })
      }
      var writer = TSVWriter(quoting: quoting)
      for row in rows { try writer.append(row) }
      let file = MappedFile(bytes: writer.bytes, name: "f")
      let found = try TSVReader(file, format: TSVFormat(quoting: quoting)).records().map(\.fields)
      #expect(found.map { $0.map { scalars($0) } } == rows.map { $0.map { scalars($0) } })
    }
  }

  @Test func whatCannotBeWritten() throws {
    var writer = TSVWriter()
    #expect(
      errorText { try writer.append(["a\tb"]) }
        == "row 1 to write has a field with a tab or an end of line, \"a\\tb\", which needs quoting"
    )
    try writer.append(["\u{FEFF}a", "b"])
    #expect(
      errorText { try writer.append(["a"]) } == "row 2 to write has 1 column, expected 2")
    let read = try TSVReader(MappedFile(bytes: writer.bytes, name: "f")).records()
    #expect(read.map { scalars($0.fields[0]) } == [[0xFEFF, 0x61]])
    var empty = TSVWriter()
    #expect(
      errorText { try empty.append([""]) }
        == "row 1 to write is a single empty field, expected some text or more columns")
    #expect(errorText { try empty.append([]) } == "row 1 to write has 0 columns, expected 1")
  }
}
