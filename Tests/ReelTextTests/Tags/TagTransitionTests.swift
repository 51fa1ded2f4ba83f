import ReelText
import Testing

/// The table of a scheme and its validator say the same of every sequence.
@Suite struct TagTransitionTests {
  private func isAllowed(
    _ sequence: [Int], _ table: (allowed: [[Bool]], start: [Bool], end: [Bool])
  ) -> Bool {
    guard let first = sequence.first, let last = sequence.last else { return true }
    return table.start[first] && table.end[last]
      && zip(sequence, sequence.dropFirst()).allSatisfy { table.allowed[$0][$1] }
  }

  static let tagLists: [[String]] = [
    ["O", "B-A", "I-A", "B-B", "I-B"],
    ["O", "B-A", "I-A", "E-A", "S-A", "B-B", "E-B"],
    ["B-A", "I-A", "L-A", "U-A", "O", "U-B"],
    // Bare letters, what no scheme has, labels that only look alike.
    ["B", "I", "O", "E", "X", "", "B-"],
    ["B-\u{E9}", "I-e\u{301}", "I-\u{E9}", "O"],
    ["O"],
  ]

  @Test(arguments: TagScheme.allCases, tagLists)
  func tableAndValidatorAgreeOnAllShortSequences(scheme: TagScheme, tags: [String]) {
    let table = scheme.transitions(tags)
    #expect(table.allowed.count == tags.count && table.start.count == tags.count)
    #expect(table.end.count == tags.count)
    var sequences: [[Int]] = [[]]
    for _ in 0...4 {
      for sequence in sequences {
        let isValid = scheme.isValid(sequence.map { tags[$0] })
        if isAllowed(sequence, table) != isValid {
          Issue.record("\(scheme.name): \(sequence.map { tags[$0] }) valid: \(isValid)")
        }
      }
      sequences = sequences.flatMap { head in tags.indices.map { head + [$0] } }
    }
  }

  @Test(arguments: TagScheme.allCases)
  func everyWalkThroughTheTableIsValidAndEveryValidSentenceIsAWalk(scheme: TagScheme) throws {
    var random = TestGenerator(state: 17)
    let letters: [TagScheme: [String]] = [
      .iob1: ["B", "I"], .iob2: ["B", "I"], .iobes: ["B", "I", "E", "S"],
      .bilou: ["B", "I", "L", "U"],
    ]
    let tags =
      ["O"]
      + ["PER", "LOC", "A-x"].flatMap { label in (letters[scheme] ?? []).map { "\($0)-\(label)" } }
    let table = scheme.transitions(tags)
    for _ in 0..<300 {
      var walk: [Int] = []
      for _ in 0..<40 {
        let next = tags.indices.filter { tag in
          walk.last.map { table.allowed[$0][tag] } ?? table.start[tag]
        }
        guard let tag = next.randomElement(using: &random) else { break }
        walk.append(tag)
      }
      while let last = walk.last, !table.end[last] { walk.removeLast() }
      #expect(scheme.isValid(walk.map { tags[$0] }))
    }
    for _ in 0..<300 {
      var spans: [ReelText.Span] = []
      var start = 0
      while start < 30 {
        let end = Int.random(in: start + 1...min(30, start + 4), using: &random)
        if Bool.random(using: &random) {
          let label = ["PER", "LOC", "A-x"].randomElement(using: &random) ?? "PER"
          spans.append(ReelText.Span(label: label, range: start..<end))
        }
        start = end
      }
      let sentence = try scheme.tags(for: spans, count: 30)
      let sequence = sentence.compactMap { tags.firstIndex(of: $0) }
      #expect(sequence.count == 30 && isAllowed(sequence, table))
    }
  }

  @Test func aTableByHand() {
    let table = TagScheme.iobes.transitions(["O", "B-A", "I-A", "E-A", "S-A"])
    #expect(table.start == [true, true, false, false, true])
    #expect(table.end == [true, false, false, true, true])
    let (free, inside) = ([true, true, false, false, true], [false, false, true, true, false])
    #expect(table.allowed == [free, inside, inside, free, free])
    #expect(TagScheme.iob2.transitions([]).allowed.isEmpty)
  }
}
