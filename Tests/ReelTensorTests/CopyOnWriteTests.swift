import ReelTensor
import ReelTestSupport
import Testing

@Suite struct CopyOnWriteTests {
  @Test func aCopyDoesNotChange() {
    let original = Tensor(shape: [2, 2], values: [1, 2, 3, 4])
    var copy = original
    copy.withUnsafeMutableValues { $0[0] = 9 }
    #expect(original.values == [1, 2, 3, 4])
    #expect(copy.values == [9, 2, 3, 4])
    var reshaped = original.reshaped([4])
    reshaped.withMutableValues { $0[3] = 7 }
    #expect(original.values == [1, 2, 3, 4])
    #expect(reshaped.values == [1, 2, 3, 7])
    var detached = original.detached()
    detached.accumulate(original)
    #expect(original.values == [1, 2, 3, 4])
    #expect(detached.values == [2, 4, 6, 8])
  }

  @Test func aValueAddedToItself() {
    var x = Tensor(shape: [3], values: [1, 2, 3])
    let alias = x
    x.accumulate(alias)
    #expect(x.values == [2, 4, 6] && alias.values == [1, 2, 3])
  }

  @Test func noCopyForASingleOwner() async {
    await #expect(processExitsWith: .success) {
      var x = Tensor(zeros: [100_000])
      let term = Tensor(repeating: 1, shape: [100_000])
      let (address, before) = (x.address, MemoryPool.statistics)
      for _ in 0..<5 {
        x.withUnsafeMutableValues { $0[7] += 1 }
        x.withMutableValues { $0[8] += 1 }
        x.accumulate(term)
      }
      let after = MemoryPool.statistics
      #expect(x.address == address)
      #expect(after.bufferAllocations == before.bufferAllocations)
      #expect(after.bytesInUse == before.bytesInUse)
      #expect(x[7] == 10 && x[8] == 10 && x[9] == 5)
      // A second owner costs one copy, and only one.
      let snapshot = x
      for _ in 0..<5 { x.withUnsafeMutableValues { $0[7] += 1 } }
      #expect(MemoryPool.statistics.bufferAllocations == before.bufferAllocations + 1)
      #expect(snapshot[7] == 10 && x[7] == 15)
    }
  }

  @Test func adding100GradientsOfOneParameterCopiesNothing() async {
    await #expect(processExitsWith: .success) {
      var sum = Gradient.dense(Tensor(zeros: [50_000]))
      let term = Gradient.dense(Tensor(repeating: 1, shape: [50_000]))
      sum.add(term)
      let before = MemoryPool.statistics
      MemoryPool.resetPeak()
      for _ in 0..<99 { sum.add(term) }
      #expect(MemoryPool.statistics.bufferAllocations == before.bufferAllocations)
      #expect(MemoryPool.statistics.peakBytes == before.bytesInUse)
      #expect(sum.tensor.values.allSatisfy { $0 == 100 })
    }
  }
}
