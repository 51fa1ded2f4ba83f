import ReelTensor
import ReelTestSupport
import Testing

@Suite struct ShapingTests {
  @Test(arguments: [
    ([6], [2, 3]), ([2, 3], [3, 2]), ([1], []), ([], [1, 1]), ([0, 3], [5, 0]),
  ])
  func reshaped(from: [Int], to: [Int]) {
    var random = TestRandom(14)
    let found = problems(
      "reshaped", [random.tensor(from)], operation: { $0[0].reshaped(to) },
      oracle: { $0[0].reshaped(to) })
    #expect(found == [])
  }

  @Test(arguments: [
    [1], [6], [4, 6], [6, 4], [2, 5, 3], [3, 2, 4, 5], [0, 4], [4, 0], [300, 250],
  ])
  func slice(shape: [Int]) {
    var random = TestRandom(15)
    let x = random.tensor(shape)
    for axis in shape.indices {
      let length = shape[axis]
      for range in [0..<length, 0..<0, length..<length, 0..<length / 2, length / 2..<length] {
        let found = problems(
          "slice \(range) of axis \(axis)", [x], samples: 5,
          operation: { $0[0].slice(range, axis: axis) },
          oracle: { $0[0].slice(range, axis: axis) })
        #expect(found == [])
      }
    }
  }

  @Test(arguments: [
    ([[3]], 0), ([[3], [0], [4]], 0), ([[2, 3], [4, 3], [1, 3]], 0), ([[2, 3], [2, 1]], 1),
    ([[2, 3, 4], [2, 5, 4], [2, 0, 4]], 1), ([[2, 3, 1], [2, 3, 4]], 2), ([[0, 2], [0, 3]], 1),
    ([[300, 120], [300, 150]], 1),
  ])
  func concatenated(shapes: [[Int]], axis: Int) {
    var random = TestRandom(16)
    let found = problems(
      "concatenated", shapes.map { random.tensor($0) }, samples: 5,
      operation: { .concatenated($0, axis: axis) }, oracle: { .concatenated($0, axis: axis) })
    #expect(found == [])
  }

  @Test func slicesPutTogetherAreTheWhole() {
    var random = TestRandom(17)
    let x = random.tensor([4, 7, 3])
    let parts = [0..<2, 2..<2, 2..<6, 6..<7].map { x.slice($0, axis: 1) }
    #expect(Tensor.concatenated(parts, axis: 1) == x)
  }

  @Test func theSameTensorTwiceInOneConcatenation() {
    let x = Tensor(shape: [2], values: [1, 2])
    let weights = Tensor(shape: [4], values: [1, 10, 100, 1000])
    let gradient = valueAndGradient(at: [x]) {
      (Tensor.concatenated([$0[0], $0[0]]) * weights).sum()
    }.gradients[0]
    #expect(gradient?.tensor.values == [101, 1010])
  }

  @Test func aShapeThatDoesNotFitEndsTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3]).reshaped([7]) }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3]).slice(1..<3) }
    await #expect(processExitsWith: .failure) {
      _ = Tensor.concatenated([Tensor(zeros: [2, 3]), Tensor(zeros: [2, 4])])
    }
    await #expect(processExitsWith: .failure) { _ = Tensor(shape: [2], values: [1]) }
  }
}
