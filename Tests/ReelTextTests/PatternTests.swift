import ReelText
import Testing

@Suite struct PatternTests {
  @Test func patternsInUseMatchAsElsewhere() throws {
    let fixture = try SplitFixture.load()
    for pattern in fixture.patterns {
      let expression = try Pattern(expression: pattern.expression)
      for (text, expected) in zip(fixture.texts, pattern.offsets) {
        let found = pieces(of: text, by: .split(expression, .isolated, invert: false)).offsets
        #expect(found == expected, "\(pattern.name) on \(text.debugDescription)")
      }
    }
  }

  @Test func constructsMatchAsElsewhere() throws {
    for construct in try SplitFixture.load().constructs {
      let pattern: Pattern
      do {
        pattern = try Pattern(expression: construct.expression)
      } catch {
        Issue.record("\(construct.expression): \(error)")
        continue
      }
      for (index, text) in construct.texts.enumerated() {
        let isolated = pieces(of: text, by: .split(pattern, .isolated, invert: false)).offsets
        #expect(
          isolated == construct.isolated[index],
          "\(construct.expression) on \(text.debugDescription)")
        let removed = pieces(of: text, by: .split(pattern, .removed, invert: false)).offsets
        #expect(
          removed == construct.removed[index],
          "\(construct.expression) on \(text.debugDescription)")
      }
    }
  }

  @Test func propertiesHoldTheSameScalars() throws {
    let fixture = try SplitFixture.load()
    for property in fixture.properties {
      let pattern = try Pattern(expression: property.expression)
      var expected: [Bool] = []
      for (index, count) in property.runs.enumerated() {
        expected += Array(repeating: index % 2 == 1, count: count)
      }
      var different: [String] = []
      for (value, isExpected) in zip(fixture.scalars, expected) {
        let scalar = try #require(Unicode.Scalar(value))
        if matches(of: pattern, in: String(scalar)).isEmpty == isExpected {
          different.append(String(value, radix: 16))
        }
      }
      #expect(different.isEmpty, "\(property.expression)")
    }
  }

  @Test(arguments: [
    ("(a", "the pattern ends inside a group that was opened at position 1"),
    ("a)", "the pattern has an unmatched ')' at position 2"),
    ("*a", "the pattern has '*' with nothing before it to repeat at position 1"),
    ("a|+", "the pattern has '+' with nothing before it to repeat at position 3"),
    ("x[a", "the pattern ends inside a character class that was opened at position 2"),
    ("[b-a]", "the pattern has a range that runs backwards at position 2"),
    ("[a-\\d]", "the pattern has a range that ends in a class at position 2"),
    ("é\\1", "the pattern has the back-reference '\\1' at position 2, which is not supported"),
    ("\\k<n>", "the pattern has the escape '\\k' at position 1, which is not supported"),
    ("\\Qa\\E", "the pattern has the escape '\\Q' at position 1, which is not supported"),
    ("a\\K", "the pattern has the escape '\\K' at position 2, which is not supported"),
    ("\\p{Foo}", "the pattern has the property 'Foo' at position 1, which is not supported"),
    ("\\p{L", "the pattern ends, expected '}' at the end of a property's name"),
    ("[[:alpha:]]", "the pattern has the class '[:alpha:]' at position 2, which is not supported"),
    ("(?s)a", "the pattern has the group '(?s' at position 1, which is not supported"),
    ("(?is)a", "the pattern has the flag 's' at position 4, which is not supported"),
    ("(?~a)", "the pattern has the group '(?~' at position 1, which is not supported"),
    (
      "(?<=a+)b",
      "the pattern looks behind over a number of characters that is not fixed, at position 1, "
        + "which is not supported"
    ),
    (
      "a{3,1}",
      "the pattern has the quantifier {3,1} with its bounds the wrong way round at position 2"
    ),
    ("a{100001}", "the pattern has a quantifier above 100000 at position 8"),
    (
      "\\xc3\\xa9",
      "the pattern has a byte of a longer character, \\xc3, at position 1, which is not supported"
    ),
    ("\\x{110000}", "the pattern has the value 0x110000 at position 1, expected a Unicode scalar"),
    ("\\u12g4", "the pattern has 'g' at position 5, expected four hexadecimal digits after \\u"),
    ("a\\", "the pattern has a '\\' with nothing behind it at position 2"),
    (
      "(?:ab){100000}",
      "the pattern is too large: its repetitions come to more than 20000 steps"
    ),
    (String(repeating: "(", count: 200), "the pattern has more than 100 levels of groups"),
    (String(repeating: "[", count: 200), "the pattern has more than 100 levels of classes"),
  ])
  func whatIsNotUnderstoodIsNamed(_ expression: String, _ message: String) {
    let text = errorText { _ = try Pattern(expression: expression) }
    #expect(text.hasPrefix(message), "\(text)")
  }

  @Test func namesOfScriptsMayCarryTheirProperty() throws {
    #expect(matches(of: try Pattern(expression: "\\p{Script=Han}+"), in: "a漢字b") == [1..<7])
    #expect(matches(of: try Pattern(expression: "\\p{sc=Latin}+"), in: "漢é") == [3..<5])
  }

  @Test func literalsMatchThemselves() {
    #expect(matches(of: Pattern(literal: "a.b"), in: "a.ba.b axb") == [0..<3, 3..<6])
    #expect(matches(of: Pattern(literal: "é"), in: "éè") == [0..<2])
    #expect(matches(of: Pattern(literal: ""), in: "é") == [0..<0, 2..<2])
  }

  @Test func patternsAreEqualByteForByte() throws {
    #expect(Pattern(literal: "a") == Pattern(literal: "a"))
    #expect(Pattern(literal: "\u{E9}") != Pattern(literal: "e\u{301}"))
    #expect(try Pattern(expression: "a") != Pattern(literal: "a"))
  }

  /// Ten million spaces: no recursion, and no time beyond what grows with the text.
  @Test(arguments: [
    #"\s+(?!\S)|\s+"#, #"\s*[\r\n]+|\s+(?!\S)|\s+"#, #"\s+x"#, #"(?:\s|x)+"#, #" ?\p{L}+|\s+$"#,
    #"\s+?x"#, #"(?=\s+x)."#, #"(\s+)+x"#,
  ])
  func longTextsOfSpacesAreNoTrouble(_ expression: String) throws {
    let count = 300_000
    let text = String(repeating: " ", count: count) + "a"
    let found = try programMatches(of: Pattern(expression: expression), in: text)
    switch expression {
    case #"\s+x"#, #"\s+?x"#, #"(?=\s+x)."#, #"(\s+)+x"#: #expect(found.isEmpty)
    case #"(?:\s|x)+"#: #expect(found == [0..<count])
    case #" ?\p{L}+|\s+$"#: #expect(found == [count - 1..<count + 1])
    default: #expect(found == [0..<count - 1, count - 1..<count])
    }
  }

  /// Patterns whose ways to match grow exponentially with the text.
  @Test(arguments: [
    "(a+)+b", "(a|a)*b", "(?:a*)*b", "(?:a|aa)+$", "(?:a+a+)+b", "(?:(?:a|b)*)*c",
  ])
  func waysToMatchAreNotTriedTwice(_ expression: String) throws {
    let text = String(repeating: "a", count: 2000) + "!"
    #expect(try programMatches(of: Pattern(expression: expression), in: text).isEmpty)
  }

  /// A search that has remembered choices finds what one on a fresh text finds.
  @Test func rememberingChangesNothing() throws {
    let pattern = try Pattern(expression: "(?:a|ab|b)*c|d")
    let block = String(repeating: "ab", count: 200)
    let text = String(repeating: block + "d", count: 30) + block + "c"
    let found = try programMatches(of: pattern, in: text)
    #expect(found.count == 31)
    #expect(found.last == 30 * 401..<30 * 401 + 401)
  }
}
