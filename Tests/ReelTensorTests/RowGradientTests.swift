import ReelTensor
import ReelTestSupport
import Testing

@Suite struct RowGradientTests {
  let table = Tensor(shape: [5, 2], values: (0..<10).map { Float($0) / 10 })

  private func rows(_ gradient: Gradient?) -> RowGradient? {
    if case .rows(let rows) = gradient { rows } else { nil }
  }

  @Test func usedRowsAscendingAndOnce() throws {
    let gradient = valueAndGradient(at: [table]) { x in
      (x[0].gatheredRows([3, 1, -1, 3]) * Tensor(shape: [4, 1], values: [1, 10, 100, 1000])).sum()
    }.gradients[0]
    let found = try #require(rows(gradient))
    #expect(found.shape == [5, 2])
    #expect(found.indices == [1, 3])
    #expect(found.values == Tensor(shape: [2, 2], values: [10, 10, 1001, 1001]))
    #expect(found.dense.values == [0, 0, 10, 10, 0, 0, 1001, 1001, 0, 0])
    #expect(gradient?.shape == [5, 2])
  }

  @Test func noRowUsed() throws {
    let gradient = valueAndGradient(at: [table]) { $0[0].gatheredRows([-1]).sum() }.gradients[0]
    let found = try #require(rows(gradient))
    #expect(found.indices == [] && found.values.shape == [0, 2])
    #expect(found.dense == Tensor(zeros: [5, 2]))
  }

  @Test func oneTableUsedTwiceStaysSparse() throws {
    let gradient = valueAndGradient(at: [table]) { x in
      x[0].gatheredRows([4, 0]).sum() + (x[0].gatheredRows([2, 4]) * 3).sum()
    }.gradients[0]
    let found = try #require(rows(gradient))
    #expect(found.indices == [0, 2, 4])
    #expect(found.values.values == [1, 1, 3, 3, 4, 4])
  }

  /// Tied weights: the table is looked up, and multiplied with as a whole.
  @Test func rowsAndDenseInBothOrders() {
    let ids: [Int32] = [1, 1, 4]
    func lookUp(_ x: Tensor) -> Tensor { x.gatheredRows(ids).squared().sum() }
    func whole(_ x: Tensor) -> Tensor {
      Tensor.matrixProduct(x, x, transposingB: true).sum()
    }
    let oracle: ([DoubleTensor]) -> DoubleTensor = { x in
      x[0].gatheredRows(ids).map { $0 * $0 }.sum() + x[0].product(x[0].transposed()).sum()
    }
    let first = problems(
      "rows + dense", [table], operation: { lookUp($0[0]) + whole($0[0]) }, oracle: oracle)
    #expect(first == [])
    let second = problems(
      "dense + rows", [table], operation: { whole($0[0]) + lookUp($0[0]) }, oracle: oracle)
    #expect(second == [])
  }

  @Test func addingGradients() {
    let sparse = Gradient.rows(
      RowGradient(shape: [3, 2], indices: [2], values: Tensor(shape: [1, 2], values: [5, 6])))
    let other = Gradient.rows(
      RowGradient(
        shape: [3, 2], indices: [0, 2], values: Tensor(shape: [2, 2], values: [1, 2, 3, 4])))
    let dense = Gradient.dense(Tensor(repeating: 1, shape: [3, 2]))
    func sum(_ a: Gradient, _ b: Gradient) -> [Float] {
      var a = a
      a.add(b)
      return a.tensor.values
    }
    #expect(sum(sparse, other) == [1, 2, 0, 0, 8, 10])
    #expect(sum(other, sparse) == [1, 2, 0, 0, 8, 10])
    #expect(sum(sparse, dense) == [1, 1, 1, 1, 6, 7])
    #expect(sum(dense, sparse) == [1, 1, 1, 1, 6, 7])
    #expect(sum(dense, dense) == [2, 2, 2, 2, 2, 2])
    // Nobody's value changed on the way.
    #expect(sparse.tensor.values == [0, 0, 0, 0, 5, 6])
    #expect(dense.tensor.values == [1, 1, 1, 1, 1, 1])
    #expect(sparse.stored.values == [5, 6])
  }

  /// A gradient that is handed to two places must not be changed in one of them.
  @Test func oneGradientForTwoInputs() {
    let (a, b) = (Tensor(shape: [2], values: [1, 2]), Tensor(shape: [2], values: [3, 4]))
    let gradients = valueAndGradient(at: [a, b]) { x in
      let sum = x[0] + x[1]
      return (sum + x[0]).sum()
    }.gradients
    #expect(gradients[0]?.tensor.values == [2, 2])
    #expect(gradients[1]?.tensor.values == [1, 1])
  }
}
