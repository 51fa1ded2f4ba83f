import ReelLayers
import ReelTensor
import Testing

/// Lengths of a batch: sorted, unsorted, with ties, with empty rows, and nothing at all.
let batches: [[Int]] = [
  [], [0], [1], [3], [0, 0], [2, 2, 2], [5, 2, 7, 1], [1, 7, 2, 5], [0, 3, 0, 3, 1], [4, 0],
  [7, 5, 2], [1, 1, 2, 2, 3, 3],
]

@Suite struct SequenceLayoutTests {
  @Test(arguments: batches) func everyStepHasOnePlace(lengths: [Int]) {
    let layout = SequenceLayout(lengths: lengths)
    let longest = lengths.max() ?? 0
    #expect(layout.batch == lengths.count && layout.longest == longest)
    #expect(layout.total == lengths.reduce(0, +))
    #expect(layout.order.sorted() == Array(lengths.indices))
    for time in 0..<longest {
      #expect(layout.active[time] == lengths.filter { $0 > time }.count)
      #expect(layout.offsets[time + 1] - layout.offsets[time] == layout.active[time])
    }
    for (place, row) in layout.order.enumerated() {
      #expect(layout.places[row] == Int32(place))
      if place > 0 {
        let before = layout.order[place - 1]
        #expect((-lengths[before], before) < (-lengths[row], row))
      }
    }
    #expect(layout.isInOrder == (layout.order == Array(lengths.indices)))
    let rows = layout.storedRows
    #expect(rows.filter { $0 >= 0 }.sorted() == (0..<Int32(layout.total)).map { $0 })
    for row in lengths.indices {
      let own = layout.storedRows(of: row)
      #expect(own == rows[row * longest..<row * longest + lengths[row]].map { $0 })
      #expect(rows[row * longest + lengths[row]..<(row + 1) * longest].allSatisfy { $0 < 0 })
      #expect(layout.lastRows[row] == own.last ?? -1)
    }
    #expect(Set(layout.paddedPlaces).count == layout.total)
  }

  @Test(arguments: batches, [(1, 1), (2, 1), (9, 1), (0, 2), (2, 2), (9, 2), (1, 5), (3, 3)])
  func latest(lengths: [Int], kept: (count: Int, step: Int)) {
    // A sequence's own steps, from its last one back.
    func latest(_ steps: [Int]) -> [Int] {
      let chosen = stride(from: steps.count - 1, through: 0, by: -kept.step).map { steps[$0] }
      return chosen.prefix(kept.count).reversed()
    }
    let rows = lengths.enumerated().map { row, length in (0..<length).map { 100 * row + $0 } }
    let tokens = TokenSequences(rows.map { $0.map(Int32.init) }).latest(
      kept.count, every: kept.step)
    let vectors = Sequences(
      values: Tensor(
        shape: [lengths.reduce(0, +), 1],
        values: TokenSequences(rows.map { $0.map(Int32.init) }).ids.map(Float.init)),
      layout: SequenceLayout(lengths: lengths)
    ).latest(kept.count, every: kept.step)
    #expect(vectors.lengths == tokens.lengths)
    for (row, steps) in rows.enumerated() {
      #expect(tokens[row].map(Int.init) == latest(steps))
      #expect(vectors[row].values.map { Int($0) } == latest(steps))
    }
  }

  @Test func equalLengths() {
    #expect(SequenceLayout(batch: 3, length: 4) == SequenceLayout(lengths: [4, 4, 4]))
    #expect(SequenceLayout(batch: 3, length: 4) != SequenceLayout(lengths: [4, 4, 3]))
  }
}
