import ReelText
import Testing

@Suite struct AlignedTextTests {
  @Test func newTextStandsForItself() {
    let text = AlignedText("né")
    #expect(text.isUnchanged)
    #expect(text.text == "né")
    #expect(text.originalCount == 3)
    #expect(text.originalRange(of: 1..<3) == 1..<3)
    #expect(text.originalRange(of: 3..<3) == 3..<3)
  }

  @Test func eachKindOfChange() {
    var text = AlignedText("one  two three")
    text.rewrite { rewriter in
      rewriter.insert([0x3E])
      rewriter.keep(upTo: 3)
      rewriter.replace(3..<5, with: [0x5F])
      rewriter.keep(5..<8)
      rewriter.remove(8..<9)
      rewriter.replace(9..<14, with: [0x33])
    }
    #expect(text.text == ">one_two3")
    #expect(!text.isUnchanged)
    #expect(text.originalRange(of: 0..<1) == 0..<0)
    #expect(text.originalRange(of: 0..<4) == 0..<3)
    #expect(text.originalRange(of: 2..<3) == 1..<2)
    #expect(text.originalRange(of: 4..<5) == 3..<5)
    #expect(text.originalRange(of: 5..<8) == 5..<8)
    #expect(text.originalRange(of: 7..<9) == 7..<14)
    #expect(text.originalRange(of: 8..<8) == 9..<9)
    #expect(text.originalRange(of: 9..<9) == 14..<14)
    #expect(text.originalRange(of: 0..<9) == 0..<14)
  }

  /// Scalars of the same length stand for one another byte by byte: nothing moves.
  @Test func changesThatMoveNothing() {
    var text = AlignedText("É\tZ")
    text.rewrite { rewriter in
      rewriter.replace(0..<2, with: 0xE9)
      rewriter.replace(2..<3, with: 0x20)
      rewriter.keep(3..<4)
    }
    #expect(text.text == "é Z")
    #expect(text.isUnchanged)
    #expect(text.originalRange(of: 0..<3) == 0..<3)
  }

  /// Three spaces and one character of three bytes have the same length, but other boundaries.
  @Test func replacementsStandForAllThatTheyReplace() {
    var text = AlignedText("   ")
    text.rewrite { $0.replace(0..<3, with: 0x2581) }
    #expect(text.originalRange(of: 0..<1) == 0..<3)
    // Cut in two, and put together again.
    text.rewrite { rewriter in
      rewriter.keep(0..<1)
      rewriter.keep(1..<3)
    }
    #expect(text.originalRange(of: 0..<1) == 0..<3)
    #expect(text.originalRange(of: 2..<3) == 0..<3)
  }

  @Test func insertionsBetweenBytesOfOneReplacement() {
    var text = AlignedText("aﬁb")
    text.rewrite { rewriter in
      rewriter.keep(0..<1)
      rewriter.replace(1..<4, with: Array("fi".utf8))
      rewriter.keep(4..<5)
    }
    text.rewrite { rewriter in
      rewriter.keep(0..<2)
      rewriter.insert([0x2D])
      rewriter.keep(2..<4)
    }
    #expect(text.text == "af-ib")
    #expect(text.originalRange(of: 1..<3) == 1..<4)
    #expect(text.originalRange(of: 2..<4) == 1..<4)
  }

  @Test func emptiedText() {
    var text = AlignedText("ab")
    text.rewrite { $0.remove(0..<2) }
    #expect(text.bytes.isEmpty)
    #expect(text.originalRange(of: 0..<0) == 0..<0)
    text.rewrite { $0.insert([0x61]) }
    #expect(text.text == "a")
    #expect(text.originalRange(of: 0..<1) == 0..<0)
  }

  @Test func equalWhereTextAndAlignmentAre() {
    var kept = AlignedText("ab")
    kept.rewrite { rewriter in
      rewriter.keep(0..<1)
      rewriter.keep(1..<2)
    }
    #expect(kept == AlignedText("ab"))
    var shifted = AlignedText("xab")
    shifted.rewrite { rewriter in
      rewriter.remove(0..<1)
      rewriter.keep(1..<3)
    }
    #expect(shifted.text == "ab")
    #expect(shifted != AlignedText("ab"))
  }

  /// Random rewrites, one upon the other, against a table that holds a range for each byte.
  @Test func compositionAgreesWithATableOfAllBytes() {
    var generator = TestGenerator(state: 3)
    for _ in 0..<400 {
      var text = AlignedText(generator.text(upTo: 30))
      var table = (0..<text.bytes.count).map { $0..<$0 + 1 }
      for _ in 0..<3 { rewriteAtRandom(&text, &table, using: &generator) }
      #expect(table.count == text.bytes.count)
      var ranges = AlignedText.OriginalRanges(text)
      for _ in 0..<20 where !text.bytes.isEmpty {
        let lower = Int.random(in: 0..<text.bytes.count, using: &generator)
        let upper = Int.random(in: lower + 1...text.bytes.count, using: &generator)
        let expected = table[lower].lowerBound..<table[upper - 1].upperBound
        #expect(text.originalRange(of: lower..<upper) == expected)
        #expect(ranges(lower..<upper) == expected)
      }
      // Never a step back.
      for (one, next) in zip(table, table.dropFirst()) {
        #expect(one.lowerBound <= next.lowerBound && one.upperBound <= next.upperBound)
      }
    }
  }

  /// Keeps, replaces, inserts and removes at random, in the text and in the table.
  private func rewriteAtRandom(
    _ text: inout AlignedText, _ table: inout [Range<Int>], using generator: inout TestGenerator
  ) {
    let count = text.bytes.count
    let old = table
    let source = text.bytes
    let end = text.originalRange(of: count..<count).lowerBound
    table = []
    text.rewrite { rewriter in
      var position = 0
      while position < count {
        let upper = min(count, position + Int.random(in: 1...4, using: &generator))
        let range = position..<upper
        let union = old[position].lowerBound..<old[upper - 1].upperBound
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: rewriter.remove(range)
        case 1:
          let added = generator.text(upTo: 2)
          let replacement = Array(added.utf8)
          let keepsBoundaries =
            replacement.count == range.count
            && zip(replacement, source[range]).allSatisfy {
              ($0 & 0xC0 == 0x80) == ($1 & 0xC0 == 0x80)
            }
          rewriter.replace(range, with: replacement)
          if keepsBoundaries {
            table += old[range]
          } else {
            table += replacement.map { _ in union }
          }
          position = upper
          continue
        case 2:
          rewriter.insert([0x2B])
          let place = old[position].lowerBound
          if let last = table.last, last.upperBound > place {
            table.append(last)
          } else {
            table.append(place..<place)
          }
          continue
        default:
          rewriter.keep(range)
          table += old[range]
        }
        position = upper
      }
      if Bool.random(using: &generator), count > 0 {
        rewriter.insert([0x2B])
        if let last = table.last, last.upperBound > end {
          table.append(last)
        } else {
          table.append(end..<end)
        }
      }
    }
  }
}
