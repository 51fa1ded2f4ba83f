import ReelLayers
import ReelTensor
import ReelTraining
import Testing

/// Row-sparse gradients: used rows as with a dense gradient, the others untouched.
@Suite struct SparseUpdateTests {
  @Test(arguments: OptimizerConfiguration.Rule.allCases)
  func touchesOnlyTheRowsThatWereUsed(_ rule: OptimizerConfiguration.Rule) throws {
    let (rows, columns) = (40, 13)
    // Runs of neighbours, single rows, the first and the last; one id twice.
    let ids: [Int32] = [39, 0, 1, 2, 7, 9, 10, 30, 9]
    let used = Set(ids.map(Int.init))
    var sparse = Table(table: pattern([rows, columns], 1))
    var dense = sparse
    let start = sparse.table.values
    var configuration = OptimizerConfiguration(rule)
    configuration.weightDecay = 0.1
    var sparseOptimizer = try configuration.makeOptimizer()
    var denseOptimizer = try configuration.makeOptimizer()
    for step in 0..<4 {
      let values = pattern([ids.count, columns], 10 + step)
      let gradients = sparse.sparseGradients(ids, values)
      guard case .rows(let gradient) = gradients["table"] else {
        Issue.record("a row-sparse gradient was expected")
        return
      }
      sparseOptimizer.update(&sparse, with: gradients, scale: 0.5)
      denseOptimizer.update(&dense, with: dense.denseGradients(gradient.dense), scale: 0.5)
    }
    // The running quantities are checked as the parameter is.
    let pairs =
      [(sparse.table, dense.table, start)]
      + zip(sparseOptimizer.state.tensors, denseOptimizer.state.tensors).map {
        ($0.tensor, $1.tensor, [Float](repeating: 0, count: rows * columns))
      }
    for (came, expected, untouched) in pairs {
      let (came, expected) = (came.values, expected.values)
      for row in 0..<rows {
        let range = row * columns..<(row + 1) * columns
        if used.contains(row) {
          let error = relativeError(Array(came[range]), expected[range].map(Double.init))
          #expect(error < 1e-6, "row \(row)")
        } else {
          #expect(came[range].map(\.bitPattern) == untouched[range].map(\.bitPattern))
        }
      }
    }
    #expect(sparse.table.values != start)
  }

  @Test func manyRowsOnSeveralThreads() {
    // 3,000 rows of 20 columns are more than one piece of work.
    let ids = (0..<6000).filter { $0 % 3 != 1 }.prefix(3000).map(Int32.init)
    func run(threads: Int) -> [UInt32] {
      Threads.with(threads) {
        var model = Table(table: pattern([6000, 20], 1))
        var optimizer = Adam()
        for step in 0..<2 {
          let values = pattern([ids.count, 20], 10 + step)
          optimizer.update(&model, with: model.sparseGradients(ids, values))
        }
        return model.table.bits
      }
    }
    #expect(run(threads: 1) == run(threads: 2))
  }

  @Test func noRows() {
    var model = Table(table: pattern([4, 3], 1))
    let before = model.table.bits
    var optimizer = Adam()
    optimizer.update(&model, with: model.sparseGradients([-1], pattern([1, 3], 2)))
    #expect(model.table.bits == before)
  }
}
