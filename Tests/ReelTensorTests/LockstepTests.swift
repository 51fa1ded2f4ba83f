import Dispatch
import Foundation
import ReelTensor
import Synchronization
import Testing

/// Work that goes step by step, each in pieces.
@Suite struct LockstepTests {
  /// Every piece of every step is done once, and none before all of the step before are.
  private func expectInOrder(steps: Int, pieces: Int, delay: (@Sendable (Int, Int) -> Void)? = nil)
  {
    let done = Mutex([Int](repeating: 0, count: pieces))
    let wrong = Atomic<Int>(0)
    Threads.forEachStepFlushingDenormals(
      steps, pieces: pieces, context: { 0 }
    ) { own, step, piece in
      let before = done.withLock { $0 }
      let isInOrder =
        before[piece] == step && before.allSatisfy { $0 == step || $0 == step + 1 }
      if !isInOrder { wrong.wrappingAdd(1, ordering: .relaxed) }
      delay?(step, piece)
      own += 1
      done.withLock { $0[piece] += 1 }
    }
    #expect(wrong.load(ordering: .relaxed) == 0, "\(steps) steps of \(pieces) pieces")
    #expect(done.withLock { $0 } == [Int](repeating: steps, count: pieces))
  }

  @Test(arguments: [1, 2, 3, 7]) func stepsFollowEachOther(threads: Int) {
    Threads.with(threads) {
      for (steps, pieces) in [(0, 3), (1, 1), (1, 5), (300, 1), (300, 2), (300, 4), (100, 9)] {
        expectInOrder(steps: steps, pieces: pieces)
      }
    }
  }

  /// Threads that are late in a piece: others leave, and nothing is left undone.
  @Test(arguments: [2, 3]) func latePieces(threads: Int) {
    Threads.with(threads) {
      expectInOrder(steps: 12, pieces: 4) { step, piece in
        if (step + piece) % 5 == 0 { Thread.sleep(forTimeInterval: 0.002) }
      }
      // Right after waits that long.
      expectInOrder(steps: 50, pieces: 4)
    }
  }

  /// Runs members that stay whatever happens, each in a thread of its own.
  private func runMembers(
    _ members: Int, steps: Int, pieces: Int,
    _ body: @escaping @Sendable (_ step: Int, _ piece: Int) -> Void
  ) {
    let lockstep = Lockstep(steps: steps, pieces: pieces, avoidsWaiting: false)
    let done = DispatchSemaphore(value: 0)
    for member in 0..<members {
      Thread {
        var nothing: Void = ()
        lockstep.run(as: member, of: members, &nothing) { _, step, piece in body(step, piece) }
        done.signal()
      }.start()
    }
    for _ in 0..<members { done.wait() }
  }

  /// Threads that have nothing but the lockstep between them: each piece of a step reads what all pieces of the step
  /// before have written; some are late now and then.
  @Test(arguments: [2, 3, 4], [false, true])
  func membersSeeTheStepBefore(members: Int, isLate: Bool) {
    let (steps, pieces) = (isLate ? 100 : 2_000, 4)
    let values = UnsafeMutablePointer<Int>.allocate(capacity: pieces * 2)
    values.initialize(repeating: 0, count: pieces * 2)
    defer { values.deallocate() }
    let shared = Shared(values)
    let (wrong, taken) = (Counter(), Counter())
    runMembers(members, steps: steps, pieces: pieces) { step, piece in
      let (before, after) = (shared.pointer + step % 2 * pieces, (step + 1) % 2 * pieces)
      let isRight = (0..<pieces).allSatisfy { before[$0] == step * (step + 1) / 2 * ($0 + 1) }
      if !isRight { wrong.value.wrappingAdd(1, ordering: .relaxed) }
      if isLate, (step + piece) % 9 == 0 { Thread.sleep(forTimeInterval: 0.0005) }
      shared.pointer[after + piece] = before[piece] + (step + 1) * (piece + 1)
      taken.value.wrappingAdd(1, ordering: .relaxed)
    }
    #expect(wrong.value.load(ordering: .relaxed) == 0)
    #expect(taken.value.load(ordering: .relaxed) == steps * pieces)
  }

  private final class Counter: Sendable { let value = Atomic<Int>(0) }

  /// What a thread that never comes would have done is done by the other.
  @Test func absentMembers() {
    let lockstep = Lockstep(steps: 30, pieces: 5, avoidsWaiting: false)
    var order: [Int] = []
    lockstep.run(as: 1, of: 3, &order) { order, step, piece in order.append(step * 5 + piece) }
    let isInOrder = order.map { $0 / 5 } == (0..<150).map { $0 / 5 }
    #expect(isInOrder && Set(order).count == 150)
  }

  /// Several callers at once, of whom one alone has the pool.
  @Test func manyCallers() {
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      Threads.with(2) { for _ in 0..<20 { expectInOrder(steps: 20, pieces: 3) } }
    }
  }

  /// Each thread has one context for all its steps and pieces.
  @Test(arguments: [1, 2, 3]) func contexts(threads: Int) {
    let made = Atomic<Int>(0)
    let used = Mutex(Set<Int>())
    Threads.with(threads) {
      Threads.forEachStepFlushingDenormals(
        40, pieces: 6,
        context: { made.wrappingAdd(1, ordering: .relaxed).newValue }
      ) { context, _, _ in
        _ = used.withLock { $0.insert(context) }
      }
    }
    let count = made.load(ordering: .relaxed)
    #expect(1...threads ~= count)
    #expect(used.withLock { $0.isSubset(of: 1...count) && !$0.isEmpty })
  }
}
