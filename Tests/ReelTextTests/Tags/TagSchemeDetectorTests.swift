import ReelText
import Testing

@Suite struct TagSchemeDetectorTests {
  private func scheme(_ sentences: [[String]]) throws -> TagScheme {
    var detector = TagSchemeDetector()
    var line = 1
    for tags in sentences {
      detector.add(tags, firstLine: line)
      line += tags.count + 1
    }
    return try detector.scheme(of: memory(""))
  }

  @Test func eachScheme() throws {
    #expect(try scheme([["O"], ["B-A", "I-A", "O", "B-A"]]) == .iob2)
    #expect(try scheme([["O"], ["I-A", "I-A", "O", "I-A", "B-A"]]) == .iob1)
    #expect(try scheme([["O"], ["B-A", "E-A"], ["S-A"]]) == .iobes)
    #expect(try scheme([["O"], ["B-A", "L-A"], ["U-A"]]) == .bilou)
    #expect(try scheme([["S-A", "O"]]) == .iobes)
    #expect(try scheme([["O"], []]) == .iob2)
    #expect(try scheme([]) == .iob2)
    var detector = TagSchemeDetector()
    detector.add(["O"], firstLine: 1)
    #expect(detector.possible == [.iob2, .iobes, .bilou, .iob1])
    detector.add(["I-A"], firstLine: 3)
    #expect(detector.possible == [.iob1])
  }

  @Test func theSchemeThatIsBrokenLeastOftenIsMeant() {
    let good = [[String]](repeating: ["B-A", "I-A", "O"], count: 5)
    #expect(
      errorText { _ = try scheme(good + [["O", "I-A"]] + good) }
        == "corpus 'f', line 22: IOB2 is broken: found \"I-A\" after \"O\", expected \"B-A\"")
    let closed = [[String]](repeating: ["B-A", "I-A", "L-A", "U-A"], count: 5)
    #expect(
      errorText { _ = try scheme(closed + [["B-A"]]) }
        == "corpus 'f', line 26: BILOU is broken: the sentence ends after \"B-A\", expected "
        + "\"I-A\" or \"L-A\"")
  }
}
