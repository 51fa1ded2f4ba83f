import Foundation
import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct FeatureMapsCroppingTests {
  /// Moves every value by `origin`, zeros where none comes.
  private func moved(_ x: DoubleTensor, by origin: [Int], to size: [Int]) -> DoubleTensor {
    DoubleTensor(Array(x.shape[..<2]) + size) { index in
      var from = index
      for axis in size.indices {
        from[axis + 2] += origin[axis]
        guard (0..<x.shape[axis + 2]).contains(from[axis + 2]) else { return 0 }
      }
      return x[from]
    }
  }

  @Test func crops() {
    var random = TestRandom(390)
    for (shape, origin, size) in [
      ([2, 3, 6, 7], [1, 2], [3, 4]), ([2, 17, 5], [0], [2]),
      ([1, 2, 4, 3, 5], [1, 0, 2], [2, 3, 3]),
      ([0, 2, 4, 4], [1, 1], [2, 2]), ([2, 2, 4, 4], [0, 0], [4, 4]),
      ([2, 2, 4, 4], [3, 0], [0, 4]),
    ] {
      let found = problems(
        "cropped", [random.tensor(shape)], samples: 30,
        operation: { FeatureMaps($0[0]).cropped(from: origin, size: size).tensor },
        oracle: { moved($0[0], by: origin, to: size) })
      #expect(found == [])
    }
    // The U-Net's crop of 64 positions to 56.
    let x = random.tensor([1, 1, 64, 65])
    let y = FeatureMaps(x).centerCropped(to: [56, 56]).tensor
    #expect(DoubleTensor(y) == moved(DoubleTensor(x), by: [4, 4], to: [56, 56]))
  }

  @Test func padding() {
    var random = TestRandom(391)
    for (shape, padding) in [
      ([2, 3, 4, 5], [AxisPadding(before: 1, after: 2), AxisPadding(before: 0, after: 3)]),
      ([2, 18, 3], [AxisPadding(before: 2, after: 0)]),
      ([1, 2, 3, 3], [AxisPadding(), AxisPadding()]),
    ] {
      let found = problems(
        "padded", [random.tensor(shape)], samples: 30,
        operation: { FeatureMaps($0[0]).padded(padding).tensor },
        oracle: {
          moved(
            $0[0], by: padding.map { -$0.before },
            to: zip(shape[2...], padding).map { $0 + $1.before + $1.after })
        })
      #expect(found == [])
    }
  }

  @Test func classesOfPositions() {
    var random = TestRandom(392)
    let x = random.tensor([2, 4, 3, 5], in: -3...3)
    let labels = random.ids(30, in: -1..<4).enumerated().map { $0 % 7 == 3 ? 255 : $1 }
    // The oracle: rows of classes, one for each position.
    func rows(_ x: DoubleTensor) -> DoubleTensor {
      DoubleTensor([2, 3, 5, 4]) { x[[$0[0], $0[3], $0[1], $0[2]]] }.reshaped([30, 4])
    }
    let counted = labels.map { $0 == 255 ? -1 : $0 }
    let found =
      problems(
        "crossEntropy", [x], samples: 120,
        operation: { crossEntropy(FeatureMaps($0[0]), labels, ignoring: 255) },
        oracle: { x in
          rows(x[0]).crossEntropySum(counted, smoothing: 0).map {
            $0 / Double(counted.count { $0 >= 0 })
          }
        })
      + problems(
        "softmax", [x], samples: 60, operation: { FeatureMaps($0[0]).softmax().values },
        oracle: { rows($0[0]).softmax() })
      + problems(
        "logSoftmax", [x], samples: 60, operation: { FeatureMaps($0[0]).logSoftmax().values },
        oracle: { rows($0[0]).logSoftmax() })
    #expect(found == [])
    let best = FeatureMaps(x).argumentMaximum()
    for position in 0..<30 {
      let row = rows(DoubleTensor(x)).values[position * 4..<position * 4 + 4]
      #expect(row[row.startIndex + Int(best[position])] == row.max())
    }
    #expect(crossEntropy(FeatureMaps(x), [Int32](repeating: -1, count: 30)).scalar == 0)
    #expect(FeatureMaps(Tensor(zeros: [0, 4, 2, 2])).argumentMaximum() == [])
  }

  @Test func whatDoesNotFitEndsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = FeatureMaps(Tensor(zeros: [1, 1, 3, 3])).centerCropped(to: [4, 3])
    }
    await #expect(processExitsWith: .failure) {
      _ = FeatureMaps(Tensor(zeros: [1, 1, 3, 3])).cropped(from: [1, 0], size: [3, 3])
    }
    await #expect(processExitsWith: .failure) {
      _ = crossEntropy(FeatureMaps(Tensor(zeros: [1, 2, 2, 2])), [0, 1, 2, 0])
    }
    await #expect(processExitsWith: .failure) {
      _ = crossEntropy(FeatureMaps(Tensor(zeros: [1, 2, 2, 2])), [0, 1, 0])
    }
  }
}
