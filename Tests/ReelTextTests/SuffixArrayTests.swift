import ReelText
import Testing

struct SuffixArrayTests {
  /// Symbols with the 0 at the end that a suffix array asks for.
  private func text(_ symbols: [Int32]) -> [Int32] { symbols + [0] }

  private func naive(_ text: [Int32]) -> [Int32] {
    text.indices.sorted { text[$0...].lexicographicallyPrecedes(text[$1...]) }.map { Int32($0) }
  }

  @Test func isThatOfSortingOnRandomTexts() {
    var generator = TestGenerator(state: 31)
    for round in 0..<600 {
      let alphabet: Int32 = [1, 2, 3, 5, 40][round % 5]
      let symbols = (0..<Int.random(in: 0...80, using: &generator)).map { _ in
        Int32.random(in: 1...alphabet, using: &generator)
      }
      let text = text(symbols)
      #expect(SuffixArray.sorted(text, symbolCount: Int(alphabet) + 1) == naive(text), "\(text)")
    }
  }

  @Test func isThatOfSortingOnTextsThatRepeatThemselves() {
    var fibonacci: [[Int32]] = [[1], [2]]
    while fibonacci.count < 15 {
      fibonacci.append(fibonacci[fibonacci.count - 1] + fibonacci[fibonacci.count - 2])
    }
    let texts = [
      fibonacci[14], [Int32](repeating: 1, count: 500), (0..<500).map { $0 % 2 + 1 },
      (0..<500).map { $0 % 7 + 1 }, (1...500).reversed().map { $0 }, (1...500).map { $0 },
    ]
    for symbols in texts {
      let text = text(symbols)
      #expect(SuffixArray.sorted(text, symbolCount: 501) == naive(text))
    }
  }

  /// The text's words, and what a naive search finds: substrings by where they begin.
  private func naiveSubstrings(
    _ words: [(text: String, count: Int)], maximumLength: Int
  ) -> [String: Int] {
    var places: [[Unicode.Scalar]: [[Int]]] = [:]
    var counts: [[Unicode.Scalar]: Int] = [:]
    for (number, word) in words.enumerated() {
      let scalars = Array(word.text.unicodeScalars)
      for start in scalars.indices {
        for end in start + 1...scalars.count {
          let substring = Array(scalars[start..<end])
          places[substring, default: []].append([number, start])
          counts[substring, default: 0] += word.count
        }
      }
    }
    var found: [String: Int] = [:]
    for (substring, starts) in places where (2...maximumLength).contains(substring.count) {
      guard let count = counts[substring], count >= 2 else { continue }
      // A longer substring that begins at all the same places stands for this one.
      let isReplaced = places.contains { longer, others in
        longer.count == substring.count + 1 && Array(longer.dropLast()) == substring
          && others == starts
      }
      if !isReplaced {
        found[String(String.UnicodeScalarView(substring))] = count * substring.count
      }
    }
    return found
  }

  private func found(
    _ words: [(text: String, count: Int)], limit: Int, maximumLength: Int
  ) throws -> [(text: String, score: Int)] {
    let text = try TrainingText(
      ByteStrings(words.map { Array($0.text.utf8) }), counts: words.map(\.count))
    let substrings = FrequentSubstrings(text)
    return substrings.best(limit, maximumLength: maximumLength).map {
      let start = Int(substrings.suffixes[Int($0.suffix)])
      let scalars = text.scalars(at: start, length: Int($0.length))
      return (String(String.UnicodeScalarView(scalars)), $0.score)
    }
  }

  @Test func frequentSubstringsAreThoseOfANaiveSearch() throws {
    var generator = TestGenerator(state: 32)
    for _ in 0..<150 {
      var words: [(text: String, count: Int)] = []
      for _ in 0..<Int.random(in: 1...8, using: &generator) {
        let letters: [Unicode.Scalar] = ["a", "b", "c", "é", "語", "😀", "\0"]
        let scalars = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
          letters[
            Int.random(in: 0...6, using: &generator) % Int.random(in: 1...7, using: &generator)]
        }
        words.append(
          (String(String.UnicodeScalarView(scalars)), Int.random(in: 1...3, using: &generator)))
      }
      for maximumLength in [2, 4, 16] {
        let expected = naiveSubstrings(words, maximumLength: maximumLength)
        let all = try found(words, limit: 1000, maximumLength: maximumLength)
        #expect(Dictionary(all.map { ($0.text, $0.score) }, uniquingKeysWith: +) == expected)
        #expect(all.count == expected.count)
        // In the order of their scalars.
        let ordered = all.map { scalars($0.text) }
        #expect(zip(ordered, ordered.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) })
        // With a limit, the best.
        let few = try found(words, limit: 3, maximumLength: maximumLength)
        let best = expected.values.sorted(by: >).prefix(3)
        #expect(few.map(\.score).sorted(by: >) == Array(best))
      }
    }
  }

  @Test func refusesWordsThatAreNotUTF8() {
    let message = errorText {
      _ = try TrainingText(ByteStrings([[0x61, 0xFF]]), counts: [1])
    }
    #expect(message == "byte 1 of the word 'a\u{FFFD}' is 255, expected UTF-8")
  }
}
