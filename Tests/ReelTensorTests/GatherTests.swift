import ReelTensor
import ReelTestSupport
import Testing

@Suite struct GatherTests {
  static let cases: [(rows: Int, columns: Int, ids: [Int32])] = [
    (5, 3, []), (5, 3, [2]), (5, 3, [4, 0, 4, 4, 1]), (5, 3, [-1, 2, -7, 2]), (5, 3, [-1, -1]),
    (1, 1, [0, 0, 0]), (4, 0, [1, 2]), (0, 3, [-1]), (0, 3, []),
  ]

  @Test(arguments: cases)
  func rowsOfATable(rows: Int, columns: Int, ids: [Int32]) {
    var random = TestRandom(18)
    let found = problems(
      "gatheredRows(\(ids))", [random.tensor([rows, columns])],
      operation: { $0[0].gatheredRows(ids) }, oracle: { $0[0].gatheredRows(ids) })
    #expect(found == [])
  }

  @Test(arguments: cases)
  func rowsOntoATable(rows: Int, columns: Int, ids: [Int32]) {
    var random = TestRandom(19)
    let found = problems(
      "scatteredRows(\(ids))", [random.tensor([ids.count, columns])],
      operation: { $0[0].scatteredRows(to: ids, rows: rows) },
      oracle: { $0[0].scatteredRows(to: ids, rows: rows) })
    #expect(found == [])
  }

  @Test func manyRows() {
    var random = TestRandom(20)
    let ids = random.ids(3000, in: -2..<200)
    let gathered = problems(
      "gatheredRows", [random.tensor([200, 40])], samples: 8,
      operation: { $0[0].gatheredRows(ids) }, oracle: { $0[0].gatheredRows(ids) })
    #expect(gathered == [])
    let scattered = problems(
      "scatteredRows", [random.tensor([3000, 40])], samples: 8,
      operation: { $0[0].scatteredRows(to: ids, rows: 200) },
      oracle: { $0[0].scatteredRows(to: ids, rows: 200) })
    #expect(scattered == [])
  }

  @Test func anIdBeyondTheTableEndsTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3]).gatheredRows([2]) }
    await #expect(processExitsWith: .failure) {
      _ = Tensor(zeros: [1, 3]).scatteredRows(to: [2], rows: 2)
    }
  }
}
