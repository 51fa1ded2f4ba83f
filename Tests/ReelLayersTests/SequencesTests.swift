import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct SequencesTests {
  private func padded(_ lengths: [Int], extra: Int = 0) -> Tensor {
    var random = TestRandom(60)
    return random.tensor([lengths.count, (lengths.max() ?? 0) + extra, 3])
  }

  @Test(arguments: batches) func paddedThereAndBack(lengths: [Int]) {
    for extra in [0, 2] {
      let x = padded(lengths, extra: extra)
      let sequences = Sequences(x, lengths: lengths)
      #expect(sequences.lengths == lengths && sequences.featureCount == 3)
      let longest = lengths.max() ?? 0
      let expected = DoubleTensor([lengths.count, longest, 3]) { index in
        index[1] < lengths[index[0]] ? Double(x[index[0], index[1], index[2]]) : 0
      }
      #expect(difference(sequences.padded(), expected, tolerance: 0, what: "padded") == nil)
      for (row, length) in lengths.enumerated() {
        #expect(sequences[row].shape == [length, 3])
        let own = x.slice(row..<row + 1).reshaped([longest + extra, 3]).slice(0..<length)
        #expect(sequences[row] == own)
        let last = sequences.last.slice(row..<row + 1).values
        #expect(last == (length == 0 ? [0, 0, 0] : Array(own.values.suffix(3))))
      }
      guard !lengths.isEmpty else { continue }
      let again = Sequences(lengths.indices.map { sequences[$0] })
      #expect(again.layout == sequences.layout && again.values == sequences.values)
    }
  }

  @Test(arguments: batches) func gradientsReachTheirOwnSteps(lengths: [Int]) {
    for extra in [0, 2] {
      let x = padded(lengths, extra: extra)
      let found = problems(
        "Sequences", [x], operation: { Sequences($0[0], lengths: lengths).padded() },
        oracle: { x in
          DoubleTensor([lengths.count, lengths.max() ?? 0, 3]) {
            $0[1] < lengths[$0[0]] ? x[0][$0] : 0
          }
        })
      #expect(found == [])
    }
  }

  @Test func paddingIsNeverRead() {
    let lengths = [2, 0, 3]
    let x = padded(lengths, extra: 1)
    var poisoned = x
    poisoned.withMutableValues { values in
      for row in 0..<3 {
        for time in lengths[row]..<4 {
          for feature in 0..<3 { values[(row * 4 + time) * 3 + feature] = .nan }
        }
      }
    }
    #expect(Sequences(x, lengths: lengths).values == Sequences(poisoned, lengths: lengths).values)
  }

  @Test func lengthsBeyondThePaddingEndTheProgram() async {
    await #expect(processExitsWith: .failure) {
      _ = Sequences(Tensor(zeros: [2, 3, 1]), lengths: [4, 1])
    }
    await #expect(processExitsWith: .failure) {
      _ = Sequences(Tensor(zeros: [2, 3, 1]), lengths: [3])
    }
  }
}
