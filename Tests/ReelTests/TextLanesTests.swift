import Reel
import ReelTestSupport
import Testing

@Suite struct TextLanesTests {
  @Test(arguments: [(1, 1), (1, 7), (3, 5), (8, 16), (5, 2)])
  func windowsCoverTheText(batch: Int, window: Int) throws {
    var random = TestRandom(UInt64(batch * 100 + window))
    for length in [batch * (window + 1), batch * (window + 1) + 3, 500] {
      let ids = random.ids(length, in: 0..<1000)
      let lanes = try TextLanes(ids, batch: batch, window: window)
      #expect(lanes.tokenCount == length)
      let laneLength = length / batch
      for offset in [lanes.offsets.lowerBound, lanes.offsets.upperBound - 1] {
        var inputs = [[Int32]](repeating: [], count: batch)
        var targets = inputs
        let count = lanes.windowCount(offset: offset)
        #expect(count >= 1)
        for index in 0..<count {
          let (read, predicted) = lanes.window(index, offset: offset)
          #expect(read.lengths == [Int](repeating: window, count: batch))
          for lane in 0..<batch {
            inputs[lane] += read[lane]
            targets[lane] += predicted[lane]
          }
        }
        for lane in 0..<batch {
          // Each lane is read in one piece, without a gap, and each token is predicted from the
          // one before it.
          let start = lane * laneLength + offset
          #expect(inputs[lane] == Array(ids[start..<start + count * window]))
          #expect(targets[lane] == Array(ids[start + 1..<start + 1 + count * window]))
          // What is left of a lane is too short for another window.
          #expect(laneLength - 1 - offset - count * window < window)
        }
      }
    }
  }

  @Test func offsetsReachEveryPlaceOfAWindow() throws {
    let lanes = try TextLanes([Int32](repeating: 0, count: 400), batch: 2, window: 16)
    #expect(lanes.offsets == 0..<16)
  }

  @Test func aTextShorterThanItsWindowsIsRefused() throws {
    let ids = [Int32](repeating: 1, count: 3 * 6 - 1)
    let error = try #require(errorText { _ = try TextLanes(ids, batch: 3, window: 5) })
    #expect(error.contains("17 tokens") && error.contains("18"))
    _ = try TextLanes(ids + [1], batch: 3, window: 5)
  }
}
