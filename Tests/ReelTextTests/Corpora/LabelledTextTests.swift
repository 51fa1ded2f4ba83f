import ReelText
import Testing

@Suite struct LabelledTextTests {
  @Test func tsv() throws {
    let plain = try LabelledTextReader(tsv: memory("up\tfine\r\n\r\ndown\tbad"))
    #expect(
      try plain.records() == [
        LabelledText(text: "fine", label: "up", line: 1),
        LabelledText(text: "bad", label: "down", line: 3),
      ])
    let named = try LabelledTextReader(
      tsv: memory("id\tlabel\ttext\n1\tup\tfine\n"), label: "label", text: "text",
      format: TSVFormat(hasHeader: true))
    #expect(try named.records() == [LabelledText(text: "fine", label: "up", line: 2)])
    let pairs = try TextPairReader(tsv: memory("a\tb\n"), source: 2, target: 1)
    #expect(try pairs.records() == [TextPair(source: "b", target: "a", line: 1)])
    #expect(try LabelledTextReader(tsv: memory("")).records() == [])
  }

  @Test func tsvErrors() throws {
    #expect(
      errorText { _ = try LabelledTextReader(tsv: memory("a\tb\n"), label: 3) }
        == "corpus 'f' has 2 columns, column 3 was asked for")
    #expect(
      errorText { _ = try LabelledTextReader(tsv: memory("a\tb\nc\n")).records() }
        == "corpus 'f', line 2: 1 column, expected 2, as on line 1")
    var reader = try LabelledTextReader(tsv: memory("a\tb\n\tc\nd\te"))
    _ = try reader.next()
    #expect(
      errorText { _ = try reader.next() }
        == "corpus 'f', line 2: the label is empty, expected its name")
    #expect(try reader.next() == nil)
  }

  @Test func jsonLines() throws {
    let text = """
      {"text": "fine \\u00e9\\n", "label": "up", "more": [1, {}]}

      {"label": 1, "text": ""}\r
      {"label": true, "text": "x"}
      """
    #expect(
      try LabelledTextReader(jsonLines: memory(text)).records() == [
        LabelledText(text: "fine é\n", label: "up", line: 1),
        LabelledText(text: "", label: "1", line: 3),
        LabelledText(text: "x", label: "true", line: 4),
      ])
    let pairs = TextPairReader(
      jsonLines: memory("{\"en\":\"a\",\"de\":\"b\"}"), source: "de", target: "en")
    #expect(try pairs.records() == [TextPair(source: "b", target: "a", line: 1)])
  }

  @Test(arguments: [
    ("{\"text\": \"a\" \"label\": 1}", "line 2, column 14: found '\"', expected ',' or '}'"),
    ("[1]", "line 2: found an array of 1, expected an object"),
    ("{\"text\": \"a\", \"lable\": 1}", "line 2: no key \"label\", found only \"text\", \"lable\""),
    ("{}", "line 2: no key \"text\" in an empty object"),
    ("{\"text\": 1, \"label\": 1}", "line 2: the key \"text\" is 1, expected a string"),
    (
      "{\"text\": \"\", \"label\": 1.5}",
      "line 2: the key \"label\" is 1.5, expected a string or a whole number"
    ),
    (
      "{\"text\": \"\", \"text\": \"\"}",
      "line 2, column 20: the key \"text\" comes twice in one object"
    ),
    ("{\"text\": \"a\", \"label\":", "line 2, column 23: the text ends, expected a value"),
  ])
  func jsonErrors(line: String, expected: String) throws {
    var reader = LabelledTextReader(
      jsonLines: memory("{\"text\": \"a\", \"label\": \"b\"}\n\(line)\n{\"text\": 1}\n"))
    _ = try reader.next()
    #expect(errorText { _ = try reader.next() } == "corpus 'f', \(expected)")
    #expect(try reader.next() == nil)
  }
}
