import ReelText
import Testing

@Suite struct PieceCountsTests {
  /// Pieces of which many come often: short ones of few letters, and some of more than 16 bytes.
  static func pieces(_ count: Int, seed: UInt64) -> [[UInt8]] {
    var generator = TestGenerator(state: seed)
    return (0..<count).map { _ in
      let isLong = Int.random(in: 0..<10, using: &generator) == 0
      let length = Int.random(in: isLong ? 14...19 : 0...4, using: &generator)
      let letters: ClosedRange<UInt8> = isLong ? 0x61...0x61 : 0x61...0x69
      var piece = (0..<length).map { _ in UInt8.random(in: letters, using: &generator) }
      if isLong { piece[length / 2] = UInt8.random(in: 0...255, using: &generator) }
      return piece
    }
  }

  static func oracle(_ pieces: [[UInt8]]) -> [[UInt8]: Int] {
    pieces.reduce(into: [:]) { counts, piece in if !piece.isEmpty { counts[piece, default: 0] += 1 }
    }
  }

  @Test func countsAsADictionaryDoes() {
    let pieces = Self.pieces(20_000, seed: 5)
    let expected = Self.oracle(pieces)
    var counts = PieceCounts()
    for piece in pieces { counts.add(piece) }
    #expect(counts.count == expected.count)
    #expect(counts.total == expected.values.reduce(0, +))
    let sorted = counts.sorted
    #expect(sorted.count == expected.count)
    for (bytes, count) in sorted {
      #expect(expected[bytes] == count)
      #expect(counts.occurrences(of: bytes) == count)
    }
    #expect(counts.occurrences(of: Array("no such piece".utf8)) == 0)
  }

  @Test func theMostFrequentComesFirstThenTheOrderOfBytes() {
    var counts = PieceCounts()
    for text in ["b", "ab", "b", "a", "c", "c", "a", "ä", "a"] { counts.add(Array(text.utf8)) }
    let sorted = counts.sorted
    #expect(sorted.map { String(decoding: $0.bytes, as: UTF8.self) } == ["a", "b", "c", "ab", "ä"])
    #expect(sorted.map(\.count) == [3, 2, 2, 1, 1])
  }

  @Test func partsOfACorpusAddUp() {
    let pieces = Self.pieces(6000, seed: 8)
    var whole = PieceCounts()
    var parts = [PieceCounts(), PieceCounts(), PieceCounts()]
    for (index, piece) in pieces.enumerated() {
      whole.add(piece)
      parts[index % 3].add(piece)
    }
    var sum = parts[0]
    sum.add(parts[1])
    sum.add(parts[2])
    #expect(sum.total == whole.total)
    #expect(sum.sorted.map(\.bytes) == whole.sorted.map(\.bytes))
    #expect(sum.sorted.map(\.count) == whole.sorted.map(\.count))
  }

  @Test func countsRangesOfAText() {
    var counts = PieceCounts()
    Array("the cat the".utf8).withUnsafeBufferPointer {
      counts.add($0, pieces: [0..<3, 4..<7, 8..<11, 11..<11])
    }
    #expect(counts.sorted.map(\.count) == [2, 1])
    #expect(counts.total == 3)
  }
}
