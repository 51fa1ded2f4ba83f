import Foundation
import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct FeatureMapsTests {
  static let shapes = [
    [2, 3, 5], [1, 1, 1], [0, 3, 4], [2, 4, 3, 5], [3, 17, 9, 1], [2, 3, 2, 3, 4], [2, 3, 0, 4],
  ]

  @Test(arguments: shapes) func thereAndBack(shape: [Int]) {
    var random = TestRandom(40)
    let x = random.tensor(shape)
    let maps = FeatureMaps(x)
    #expect(maps.shape == shape && maps.tensor == x)
    #expect(maps.batch == shape[0] && maps.channelCount == shape[1])
    #expect(maps.size == Array(shape[2...]))
    let found = problems(
      "FeatureMaps", [x],
      operation: { x in FeatureMaps(x[0]).mapPositions { $0.tanh() * $0 }.tensor },
      oracle: { x in x[0].map { tanh($0) * $0 } })
    #expect(found == [])
  }

  @Test func channelsOfAPositionStandSideBySide() {
    let x = Tensor(shape: [1, 2, 2, 2], values: [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(FeatureMaps(x).values.values == [1, 5, 2, 6, 3, 7, 4, 8])
  }

  @Test func whatIsNoBatchOfMapsEndsTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = FeatureMaps(Tensor(zeros: [2, 3])) }
    await #expect(processExitsWith: .failure) {
      _ = FeatureMaps(Tensor(zeros: [2, 3, 4])).mapPositions { $0.slice(0..<3) }
    }
  }
}
