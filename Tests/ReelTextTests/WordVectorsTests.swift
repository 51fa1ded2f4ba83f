import ReelText
import Testing

@Suite struct WordVectorsTests {
  private func read(
    _ text: String, limit: Int? = nil, keeps: ((String) -> Bool)? = nil
  ) throws -> WordVectors {
    try WordVectors(
      text: MappedFile(bytes: Array(text.utf8), name: "v.txt", as: "vectors"), limit: limit,
      keeps: keeps)
  }

  private func error(_ text: String) -> String? {
    do {
      _ = try read(text)
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test(arguments: ["", "2 3\n"])
  func filesWithAndWithoutHeader(header: String) throws {
    let vectors = try read(header + "the 0.5 -1 2e-3\nof\t1 .25 -0.0078125 \r\n")
    #expect(vectors.count == 2 && vectors.dimension == 3)
    #expect(vectors["the"].map(Array.init) == [0.5, -1, 0.002])
    #expect(vectors["of"].map(Array.init) == [1, 0.25, -0.0078125])
    #expect(vectors["The"] == nil)
    #expect(vectors.word(at: 1) == "of")
    #expect(vectors.coverage(of: ["the", "of", "a", "the"]) == 0.75)
    #expect(vectors.coverage(of: []) == 0)
  }

  @Test func numbersAreReadExactly() throws {
    for value: Float in [0.1, -3.4028235e38, 1.1754944e-38, 0.00012345678, 123456.79, 16777216] {
      #expect(try read("w \(value) 1")["w"]?.first == value)
    }
    #expect(try read("w 0.123456789012345678 1")["w"]?.first == 0.123456789012345678)
    #expect(try read("w +1.5 1")["w"]?.first == 1.5)
  }

  @Test func wordsMayHoldSpacesAndComeTwice() throws {
    let vectors = try read("a 1 2\n. . 3 4\na 9 9\n\u{E9} 5 6\ne\u{301} 7 8\n")
    #expect(vectors.count == 4 && vectors.duplicates == 1)
    #expect(vectors["a"].map(Array.init) == [1, 2])
    #expect(vectors[". ."].map(Array.init) == [3, 4])
    #expect(vectors["e\u{301}"].map(Array.init) == [7, 8])
  }

  @Test func onlyWhatIsAskedForIsKept() throws {
    let text = "a 1\nb 2\nc 3\n"
    #expect(try read(text, limit: 2).count == 2)
    let some = try read(text) { $0 != "b" }
    #expect(some.count == 2 && some.word(at: 1) == "c" && some.vector(at: 1).first == 3)
  }

  @Test func badFilesAreRefusedWithTheirLine() {
    #expect(error("") == "vectors 'v.txt' holds no vectors")
    #expect(error("3 2\n") == "vectors 'v.txt' holds no vectors")
    #expect(error("word\n") == "vectors 'v.txt', line 1: 1 column, expected a word and its numbers")
    #expect(
      error("a 1 2\nb 1\n") == "vectors 'v.txt', line 2: 2 columns, expected a word and 2 numbers")
    #expect(
      error("2 2\na 1 x\n") == "vectors 'v.txt', line 2: column 3 is \"x\", expected a number")
    #expect(error("a 1 nan\n") == "vectors 'v.txt', line 1: column 3 is \"nan\", expected a number")
    #expect(error("a 1 -\n") == "vectors 'v.txt', line 1: column 3 is \"-\", expected a number")
    #expect(error("a 1\n\n") == "vectors 'v.txt', line 2: 0 columns, expected a word and 1 numbers")
  }

  @Test func vectorsFromMemoryAreChecked() {
    #expect(throws: TextError.self) { try WordVectors([]) }
    #expect(throws: TextError.self) { try WordVectors([("a", [1]), ("a", [2])]) }
    #expect(throws: TextError.self) { try WordVectors([("a", [1]), ("b", [2, 3])]) }
  }
}
