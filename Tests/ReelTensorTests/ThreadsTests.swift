import Dispatch
import Foundation
import ReelTensor
import ReelTestSupport
import Synchronization
import Testing

/// The number of threads changes the time and never a bit of the result.
@Suite struct ThreadsTests {
  static let counts = [1, 2, 3, 7]

  /// The bits of everything that `body` makes, for each number of threads, are equal.
  private func expectEqualBits(_ name: String, _ body: () -> [Tensor]) {
    let results = Self.counts.map { count in Threads.with(count) { body().map(bits) } }
    for (count, result) in zip(Self.counts, results).dropFirst() {
      #expect(result == results[0], "\(name) with \(count) threads")
    }
  }

  private func withGradients(
    _ inputs: [Tensor], _ operation: ([Tensor]) -> Tensor
  ) -> [Tensor] {
    let (_, y, gradients) = valueAndGradient(at: inputs) { x in
      let y = operation(x)
      return (y.squared().sum(), y)
    }
    return [y] + gradients.compactMap { $0?.tensor }
  }

  @Test func products() {
    var random = TestRandom(40)
    let (a, b) = (random.tensor([700, 200]), random.tensor([200, 300]))
    expectEqualBits("product") { withGradients([a, b]) { .matrixProduct($0[0], $0[1]) } }
    // Pieces by rows, the last of them empty.
    let (narrow, c) = (random.tensor([257, 400]), random.tensor([400, 100]))
    expectEqualBits("narrow product") {
      withGradients([narrow, c]) { .matrixProduct($0[0], $0[1]) }
    }
    let (x, w, bias) = (
      random.tensor([1000, 150]), random.tensor([170, 150]), random.tensor([170])
    )
    expectEqualBits("affineMap") {
      withGradients([x, w, bias]) { $0[0].affineMap(weight: $0[1], bias: $0[2]) }
    }
  }

  @Test func elementwiseAndBroadcasting() {
    var random = TestRandom(41)
    let (x, y) = (random.tensor([500, 301], in: 0.5...2), random.tensor([500, 301], in: 0.5...2))
    let (row, column) = (random.tensor([301]), random.tensor([500, 1]))
    expectEqualBits("functions") {
      withGradients([x]) { $0[0].log().exp().tanh().sigmoid().relu().squareRoot() }
    }
    expectEqualBits("binary") { withGradients([x, y]) { $0[0] * $0[1] / ($0[0] + $0[1]) } }
    expectEqualBits("row") { withGradients([x, row]) { $0[0] * $0[1] } }
    expectEqualBits("column") { withGradients([x, column]) { $0[0] - $0[1] } }
    expectEqualBits("scalar") { withGradients([x, Tensor(0.7)]) { $0[0] / $0[1] } }
  }

  @Test func reductions() {
    var random = TestRandom(42)
    let x = random.tensor([700, 301])
    expectEqualBits("sum") { [x.sum(), x.mean(), x.sum(axis: 0), x.sum(axis: 1)] }
    let squares = Self.counts.map { Threads.with($0) { x.sumOfSquares().bitPattern } }
    #expect(Set(squares).count == 1)
    let largest = Self.counts.map { Threads.with($0) { x.maximum() } }
    #expect(Set(largest).count == 1)
  }

  @Test func rowsOfATable() {
    var random = TestRandom(43)
    let x = random.tensor([900, 70], in: -5...5)
    expectEqualBits("softmax") { withGradients([x]) { $0[0].softmax() } }
    expectEqualBits("logSoftmax") { withGradients([x]) { $0[0].logSoftmax() } }
    let (gain, bias) = (random.tensor([70]), random.tensor([70]))
    expectEqualBits("layerNormalized") {
      withGradients([x, gain, bias]) {
        $0[0].layerNormalized(gain: $0[1], bias: $0[2], epsilon: 1e-5)
      }
    }
    let targets = random.ids(900, in: -1..<70)
    expectEqualBits("crossEntropy") {
      withGradients([x]) { $0[0].crossEntropySum(targets, smoothing: 0.1) }
    }
    let ids = random.ids(2000, in: -1..<900)
    expectEqualBits("gatheredRows") { withGradients([x]) { $0[0].gatheredRows(ids) } }
  }

  @Test func randomNumbers() {
    expectEqualBits("dropout") {
      var generator = RandomGenerator(seed: 5, stream: 2)
      _ = generator.uniform()
      return [generator.dropoutMask(shape: [300_001], probability: 0.3)]
    }
  }

  @Test func theInnermostNumberCounts() {
    #expect(Threads.count >= 1)
    Threads.with(3) {
      #expect(Threads.count == 3)
      Threads.with(1) { #expect(Threads.count == 1) }
      #expect(Threads.count == 3)
    }
  }

  @Test(arguments: counts) func everyPieceOnce(count: Int) {
    Threads.with(count) {
      let hits = (0..<1000).map { _ in Counter() }
      Threads.forEach(1000) { hits[$0].value.add(1, ordering: .relaxed) }
      #expect(hits.allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
      let covered = (0..<103).map { _ in Counter() }
      Threads.forEachRange(of: 103, size: 10) { range in
        for index in range { covered[index].value.add(1, ordering: .relaxed) }
      }
      #expect(covered.allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
      Threads.forEach(0) { _ in Issue.record("no piece was asked for") }
      Threads.forEachRange(of: 0, size: 10) { _ in Issue.record("no range was asked for") }
    }
  }

  private final class Counter: Sendable { let value = Atomic<Int>(0) }

  @Test func noThreadEndsTheProgram() async {
    await #expect(processExitsWith: .failure) { Threads.with(0) {} }
  }

  /// Every piece of every job is done once, however many callers there are and whether a job asks for
  /// another one.
  @Test func everyPieceIsDoneOnce() {
    let total = Atomic<Int>(0)
    Threads.with(3) {
      for job in 0..<4000 {
        let done = Atomic<Int>(0)
        Threads.forEach(job % 7) { piece in done.wrappingAdd(1 << (4 * piece), ordering: .relaxed) }
        let expected = (0..<job % 7).reduce(0) { $0 + 1 << (4 * $1) }
        if done.load(ordering: .relaxed) == expected { total.wrappingAdd(1, ordering: .relaxed) }
      }
    }
    #expect(total.load(ordering: .relaxed) == 4000)

    let sums = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      Threads.with(2) {
        for _ in 0..<200 {
          Threads.forEach(5) { _ in
            Threads.forEach(3) { sums.wrappingAdd($0 + 1, ordering: .relaxed) }
          }
        }
      }
    }
    #expect(sums.load(ordering: .relaxed) == 4 * 200 * 5 * 6)
  }

  /// Denormal numbers are taken by every thread as by the caller, also by threads that were made while the caller
  /// took them for 0, and by those that help where the pool is at work for somebody else.
  @Test func denormalNumbersOnEveryThread() async {
    await #expect(processExitsWith: .success) {
      let smallest = [Float.leastNonzeroMagnitude * 4]
      /// For each piece whether half of a denormal number is 0; pieces take long enough for all threads.
      @Sendable func flushed(_ pieces: Int) -> [Bool] {
        let found = Mutex([Bool](repeating: false, count: pieces))
        Threads.forEach(pieces) { piece in
          let isFlushed = smallest[0] * 0.5 == 0
          Thread.sleep(forTimeInterval: 0.002)
          found.withLock { $0[piece] = isFlushed }
        }
        return found.withLock { $0 }
      }
      Threads.with(4) {
        // The pool's threads are made in here.
        Threads.forEachFlushingDenormals(1) { _ in
          #expect(flushed(8) == [Bool](repeating: true, count: 8))
        }
        #expect(flushed(8) == [Bool](repeating: false, count: 8))
        // The same with the pool at work: each of these divides again.
        Threads.forEachFlushingDenormals(4) { _ in
          #expect(flushed(8) == [Bool](repeating: true, count: 8))
        }
        Threads.forEach(4) { _ in #expect(flushed(8) == [Bool](repeating: false, count: 8)) }
      }
    }
  }
}
