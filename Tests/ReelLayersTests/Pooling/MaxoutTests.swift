import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct MaxoutTests {
  @Test(arguments: [([3, 6], 2), ([2, 12, 4, 5], 3), ([2, 5, 7], 1), ([0, 4, 2, 2], 4)])
  func oracle(_ shape: [Int], _ size: Int) {
    let x = distinct(shape, 320)
    let groups = shape[1] / size
    let inner = shape[2...].reduce(1, *)
    let found = problems(
      "Maxout(\(size))", [x], samples: 40, operation: { Maxout(size)($0[0]) },
      oracle: { x in
        let flat = x[0].reshaped([shape[0], groups, size, inner])
        return DoubleTensor([shape[0], groups, inner]) { index in
          (0..<size).reduce(-.infinity) { max($0, flat[[index[0], index[1], $1, index[2]]]) }
        }.reshaped([shape[0], groups] + shape[2...])
      })
    #expect(found == [])
  }

  @Test func specialValues() async {
    let x = Tensor(shape: [1, 6], values: [2, 2, .nan, 1, -.infinity, -.infinity])
    let (_, y, gradients) = valueAndGradient(at: [x]) { x in
      let y = Maxout(2)(x[0])
      return (y.slice(0..<1, axis: 1).sum(), y)
    }
    #expect(y.values[0] == 2 && y.values[1].isNaN && y.values[2] == -.infinity)
    #expect(gradients[0]?.tensor.values == [1, 0, 0, 0, 0, 0])
    await #expect(processExitsWith: .failure) { _ = Maxout(2)(Tensor(zeros: [1, 3])) }
  }
}
