import Dispatch
import ReelTensor
import ReelTestSupport
import Testing

/// The statistics are those of the process, so each test has one of its own.
@Suite struct MemoryPoolTests {
  @Test func aBufferFitsAndWastesAtMostAQuarter() async {
    await #expect(processExitsWith: .success) {
      var random = TestRandom(30)
      let counts =
        Array(0..<200) + (0..<200).map { _ in Int.random(in: 200..<3_000_000, using: &random) }
      for count in counts {
        MemoryPool.trim()
        let before = MemoryPool.statistics.bytesInUse
        let storage = Storage(count: count)
        let taken = MemoryPool.statistics.bytesInUse - before
        #expect(taken >= count * 4)
        #expect(Double(taken) <= max(64, Double(count * 4) * 1.25))
        #expect(UInt(bitPattern: storage.pointer) % 64 == 0)
        for index in storage.buffer.indices { storage.buffer[index] = 1 }
      }
    }
  }

  @Test func aWarmLoopMakesNoNewBuffer() async {
    await #expect(processExitsWith: .success) {
      var random = TestRandom(31)
      let table = random.tensor([40, 33])
      let weight = random.tensor([65, 33])
      let bias = random.tensor([65])
      let ids = random.ids(90, in: 0..<40)
      let targets = random.ids(90, in: -1..<65)
      func step() {
        _ = valueAndGradient(at: [table, weight, bias]) { x in
          x[0].gatheredRows(ids).tanh().affineMap(weight: x[1], bias: x[2])
            .crossEntropySum(targets, smoothing: 0.1)
        }
      }
      for _ in 0..<3 { step() }
      let before = MemoryPool.statistics
      for _ in 0..<50 { step() }
      let after = MemoryPool.statistics
      #expect(after.bufferAllocations == before.bufferAllocations)
      #expect(after.bytesInUse == before.bytesInUse)
      #expect(after.bytesHeld == before.bytesHeld)
    }
  }

  @Test func heldTrimmedAndPeak() async {
    await #expect(processExitsWith: .success) {
      MemoryPool.trim()
      let start = MemoryPool.statistics
      #expect(start.bytesHeld == 0)
      var x: Tensor? = Tensor(zeros: [1 << 20])
      let full = MemoryPool.statistics
      #expect(full.bytesInUse == start.bytesInUse + 4 << 20)
      #expect(full.bufferAllocations == start.bufferAllocations + 1)
      #expect(x?.count == 1 << 20)
      x = nil
      let empty = MemoryPool.statistics
      #expect(empty.bytesInUse == start.bytesInUse && empty.bytesHeld == 4 << 20)
      #expect(empty.peakBytes >= full.bytesInUse)
      MemoryPool.resetPeak()
      #expect(MemoryPool.statistics.peakBytes == start.bytesInUse)
      // The same size comes from the pool, and so does a slightly smaller one.
      for count in [1 << 20, (1 << 20) - 1000] {
        x = Tensor(zeros: [count])
        #expect(MemoryPool.statistics.bufferAllocations == full.bufferAllocations)
        x = nil
      }
      // One of another size class is left to those of its own.
      x = Tensor(zeros: [750_000])
      #expect(MemoryPool.statistics.bufferAllocations == full.bufferAllocations + 1)
      x = nil
      MemoryPool.trim()
      #expect(MemoryPool.statistics.bytesHeld == 0)
      #expect(MemoryPool.statistics.bytesInUse == start.bytesInUse)
      #expect(MemoryPool.statistics.peakBytes >= start.bytesInUse + 4 << 20)
    }
  }

  @Test func whatWaitsDoesNotGrowWithoutBound() async {
    await #expect(processExitsWith: .success) {
      // Ever larger tensors, one at a time: old buffers are of no use and must go.
      for megabytes in 1..<200 { _ = Storage(count: megabytes << 18) }
      #expect(MemoryPool.statistics.bytesHeld <= 600 << 20)
    }
  }

  /// Over its limit the pool gives back the smallest buffer that is enough for a wish, or else the largest of
  /// those that are not.
  @Test func aWishTakesNoMoreFromOthersThanItNeeds() async {
    await #expect(processExitsWith: .success) {
      MemoryPool.trim()
      func storage(megabytes: Int) -> Storage { Storage(count: megabytes << 18) }
      func given(_ wish: () -> Storage) -> (Storage, megabytes: Int) {
        let before = MemoryPool.statistics.bytesHeld
        let storage = wish()
        return (storage, (before - MemoryPool.statistics.bytesHeld) >> 20)
      }
      // One at a time, each of a size of its own: 296 MB wait.
      for megabytes in [8, 40, 48, 56, 64, 80] { _ = storage(megabytes: megabytes) }
      #expect(MemoryPool.statistics.bytesHeld == 296 << 20)
      let first = given { storage(megabytes: 3) }
      #expect(first.megabytes == 8)
      let second = given { storage(megabytes: 3) }
      #expect(second.megabytes == 40)
      // 3, 3 and 256 are 262 MB now: none is enough for 112, and of 80 and 64 both are needed.
      _ = storage(megabytes: 8)
      let third = given { storage(megabytes: 112) }
      #expect(third.megabytes == 144)
      #expect(first.0.count == second.0.count && third.0.count == 112 << 18)
    }
  }

  /// What is needed for one operation only may be a larger buffer that waits; what stays has its own size.
  @Test func largerBuffersAreLentBriefly() async {
    await #expect(processExitsWith: .success) {
      MemoryPool.trim()
      _ = Storage(count: 4 << 18)
      let before = MemoryPool.statistics.bufferAllocations
      var lent: Storage? = Storage(count: 1 << 18, briefly: true)
      #expect(lent?.count == 1 << 18)
      #expect(MemoryPool.statistics.bufferAllocations == before, "4 MB for 1")
      lent = nil
      let own = Storage(count: 1 << 18)
      #expect(MemoryPool.statistics.bufferAllocations == before + 1, "not for what stays")
      let large = Storage(count: 4 << 18)
      #expect(MemoryPool.statistics.bufferAllocations == before + 1, "it has come back")
      #expect(own.count + large.count == 5 << 18)
      // Of 600, 700, 900 and 1,200 KB, one after the other, the second and those behind it need one buffer.
      for kilobytes in [600, 700, 900, 1200] { _ = Storage(count: kilobytes << 8, briefly: true) }
      #expect(MemoryPool.statistics.bufferAllocations <= before + 3)
    }
  }

  @Test func manyThreadsTakeAndGive() async {
    await #expect(processExitsWith: .success) {
      let before = MemoryPool.statistics.bytesInUse
      DispatchQueue.concurrentPerform(iterations: 8) { worker in
        var random = TestRandom(UInt64(worker))
        var held: [(Storage, Float)] = []
        for step in 0..<3000 {
          let storage = Storage(count: Int.random(in: 1..<5000, using: &random))
          let mark = Float(worker * 10_000 + step)
          storage.pointer.update(repeating: mark, count: storage.count)
          held.append((storage, mark))
          if held.count > 8 {
            let (old, mark) = held.remove(at: Int.random(in: 0..<8, using: &random))
            // Nobody else wrote into it meanwhile.
            precondition(old.buffer.allSatisfy { $0 == mark })
          }
          if step % 500 == 0 { MemoryPool.trim() }
        }
      }
      #expect(MemoryPool.statistics.bytesInUse == before)
    }
  }
}
