import ReelText
import Testing

@Suite struct GraphemeBreaksTests {
  private func clusters(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    return GraphemeBreaks.ranges(in: text).map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  /// Unicode's own test. "÷" marks a boundary, "×" a place where none is.
  @Test(.enabled(if: UnicodeData.has("auxiliary/GraphemeBreakTest.txt"), UnicodeData.hint))
  func allCases() throws {
    let name = "auxiliary/GraphemeBreakTest.txt"
    let fileVersion = UnicodeData.version(of: name)
    let libraryVersion = UnicodeProperties.unicodeVersion
    let lines = try #require(UnicodeData.lines(of: name))
    var failures: [String] = []
    for line in lines {
      let expected = line.text.split(separator: "÷").compactMap { cluster -> [UInt32]? in
        let values = cluster.split(separator: "×").flatMap {
          UnicodeData.scalars($0.filter { !$0.isWhitespace || $0 == " " })
        }
        return values.isEmpty ? nil : values
      }
      let found = clusters(text(expected.joined())).map { scalars($0) }
      if found != expected { failures.append("line \(line.number): \(line.text) gave \(found)") }
    }
    print(
      "GraphemeBreakTest \(fileVersion), utf8proc of Unicode \(libraryVersion): "
        + "\(lines.count) cases, \(failures.count) fail")
    if fileVersion == "15.0.0" { #expect(lines.count == 602) }
    if fileVersion == libraryVersion {
      #expect(failures.isEmpty)
    } else {
      // The rules of clusters themselves change between versions.
      for failure in failures { print("\(failure), by the rules of another version") }
      #expect(failures.count < lines.count / 10)
    }
  }

  @Test func whatReadersTakeForOneCharacter() {
    #expect(clusters("") == [])
    #expect(clusters("ab") == ["a", "b"])
    #expect(clusters("a\r\n\rb\n\u{301}") == ["a", "\r\n", "\r", "b", "\n", "\u{301}"])
    #expect(clusters("e\u{301}x") == ["e\u{301}", "x"])
    #expect(
      clusters("1\u{FE0F}\u{20E3}\u{1F469}\u{1F3FD}\u{200D}\u{1F680}!")
        == ["1\u{FE0F}\u{20E3}", "\u{1F469}\u{1F3FD}\u{200D}\u{1F680}", "!"])
    // Flags are pairs from where their run begins.
    #expect(
      clusters("\u{1F1EE}\u{1F1F3}\u{1F1E9}\u{1F1EA}\u{1F1EE}")
        == ["\u{1F1EE}\u{1F1F3}", "\u{1F1E9}\u{1F1EA}", "\u{1F1EE}"])
    #expect(clusters("\u{1112}\u{1161}\u{11AB}한") == ["\u{1112}\u{1161}\u{11AB}", "한"])
  }

  /// Clusters follow one another without a gap, and no cut falls into a scalar.
  @Test func clustersCoverTheText() {
    var generator = TestGenerator(state: 29)
    for sample in TextSamples.all + (0..<200).map({ _ in generator.text(upTo: 60) }) {
      #expect(clusters(sample).map { scalars($0) }.joined().elementsEqual(scalars(sample)))
    }
  }
}
