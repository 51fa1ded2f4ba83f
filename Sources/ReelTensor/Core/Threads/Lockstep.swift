import CReelKernels
import Foundation
import Synchronization

/// Steps that threads take together, each in pieces: nobody begins a step before all pieces of the one before are
/// done.
///
/// Handing work to another thread and waiting for it takes two messages; here each thread goes on to its part of the
/// next step by itself, as soon as it sees that the others are done, which takes one. A piece whose thread has not
/// come (it sleeps, or has no processor) is done by whoever waits for the step. A thread that loses its processor
/// in the middle of a piece holds up the others. Where one had to wait for much longer than its steps take, a single
/// thread does the rest of them, and all steps that the process begins within some time after.
package final class Lockstep: @unchecked Sendable {
  private let steps: Int
  private let pieces: Int
  /// For each piece in how many steps it has been taken, and in how many it is done; all `distance` places apart. A
  /// thread that need not wait uses a locked instruction only on the first, at which nobody else looks then; the second,
  /// at which others look, it stores plainly.
  private let counters: UnsafeMutablePointer<Atomic<Int>>
  private static let distance = 16
  private let avoidsWaiting: Bool
  private let start = Lockstep.now

  /// Looks after which whoever waits pauses between them and does what nobody has begun, looks at the clock (about
  /// 50 µs), and lets others have the processor.
  private static let (eagerness, concern, patience) = (64, 1_000, 10_000)
  /// Whoever waits for so many nanoseconds more, and so many times what a step has taken on average, does not wait for
  /// another's part of a step; `avoidance` times as long there is no help.
  private static let (longWait, longShare, avoidance): (UInt64, UInt64, UInt64) = (200_000, 4, 8)
  /// 0, or when callers may have help again.
  private static let aloneUntil = Atomic<UInt64>(0)

  /// - Parameter avoidsWaiting: whether all members but number 0 leave where one had to wait long.
  package init(steps: Int, pieces: Int, avoidsWaiting: Bool = true) {
    (self.steps, self.pieces, self.avoidsWaiting) = (steps, pieces, avoidsWaiting)
    let count = 2 * pieces * Self.distance
    counters = .allocate(capacity: count)
    for place in 0..<count { (counters + place).initialize(to: Atomic(0)) }
  }

  deinit { counters.deallocate() }

  private static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }

  private func taken(_ piece: Int) -> UnsafeMutablePointer<Atomic<Int>> {
    counters + 2 * piece * Self.distance
  }

  private func done(_ piece: Int) -> UnsafeMutablePointer<Atomic<Int>> {
    counters + (2 * piece + 1) * Self.distance
  }

  /// What member `member` of `members` does: of each step first pieces member, member + members …, so that it meets
  /// the same part of the same weights again, and then what others do not come for; what it has done in a step in
  /// place of another it does in the next one, too, unless that comes first. Member 0 stays until all is done.
  package func run<Context>(
    as member: Int, of members: Int, _ context: inout Context,
    _ body: (inout Context, _ step: Int, _ piece: Int) -> Void
  ) {
    // Pieces of others that this member did in the last step.
    var adopted: [Int] = []
    for step in 0..<steps {
      if member > 0, isAvoided() { return }
      func doIfFree(_ piece: Int) -> Bool {
        guard take(piece, of: step) else { return false }
        body(&context, step, piece)
        done(piece).pointee.store(step + 1, ordering: .releasing)
        return true
      }
      for piece in stride(from: member, to: pieces, by: members) { _ = doIfFree(piece) }
      if !adopted.isEmpty { adopted.removeAll { !doIfFree($0) } }
      awaitPieces(of: step) {
        // Those first that their thread would come to last.
        for piece in (0..<pieces).reversed() where doIfFree(piece) { adopted.append(piece) }
      }
    }
  }

  private func take(_ piece: Int, of step: Int) -> Bool {
    let taken = taken(piece)
    guard taken.pointee.load(ordering: .relaxed) == step else { return false }
    return taken.pointee.compareExchange(
      expected: step, desired: step + 1, ordering: .relaxed
    ).exchanged
  }

  private func isAvoided() -> Bool {
    guard avoidsWaiting else { return false }
    let end = Self.aloneUntil.load(ordering: .relaxed)
    guard end > 0 else { return false }
    if Self.now < end { return true }
    Self.aloneUntil.store(0, ordering: .relaxed)
    return false
  }

  /// Waits until all pieces of a step are done; `help` does what nobody has begun, once, where that takes a while.
  private func awaitPieces(of step: Int, help: () -> Void) {
    var looks = 0
    var concern: UInt64 = 0
    for piece in 0..<pieces {
      let done = done(piece)
      while done.pointee.load(ordering: .acquiring) <= step {
        looks += 1
        if looks == Self.eagerness { help() }
        if looks == Self.concern { concern = Self.now }
        if looks > Self.patience {
          sched_yield()
        } else if looks > Self.eagerness {
          reel_pause()
        }
      }
    }
    guard concern > 0 else { return }
    let end = Self.now
    let wait = end - concern
    if wait > Self.longWait, wait > Self.longShare * (concern - start) / UInt64(step + 1) {
      Self.aloneUntil.store(end + Self.avoidance * wait, ordering: .relaxed)
    }
  }
}
