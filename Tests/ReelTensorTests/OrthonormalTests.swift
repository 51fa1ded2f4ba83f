import ReelTensor
import ReelTestSupport
import Testing

@Suite struct OrthonormalTests {
  @Test(arguments: [[0, 0], [0, 3], [1, 1], [1, 9], [5, 5], [20, 33], [128, 128]])
  func rowsAreOrthonormalAndSpanTheSame(shape: [Int]) {
    var random = TestRandom(25)
    let x = random.tensor(shape)
    let q = DoubleTensor(x.orthonormalizedRows())
    #expect(q.shape == shape)
    let products = q.product(q.transposed())
    for row in 0..<shape[0] {
      for column in 0..<shape[0] {
        #expect(abs(products[[row, column]] - (row == column ? 1 : 0)) < 2e-6)
      }
    }
    // x = (x·qᵀ)·q where the rows span the same.
    let exact = DoubleTensor(x)
    let rebuilt = exact.product(q.transposed()).product(q)
    #expect(zip(rebuilt.values, exact.values).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func theArgumentStays() {
    var random = TestRandom(26)
    let x = random.tensor([4, 6])
    let before = x.values
    _ = x.orthonormalizedRows()
    #expect(x.values == before)
  }
}
