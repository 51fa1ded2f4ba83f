import CReelKernels
import Foundation
import Synchronization

/// Steps that threads take together, each in pieces: nobody begins a step before all pieces of the one before are
/// done.
///
/// Handing work to another thread and waiting for it takes two messages; here each thread goes on to its part of the
/// next step by itself, as soon as it sees that the others are done, which takes one. A piece whose thread has not
/// come (it sleeps, or has no processor) is done by whoever has nothing left to do. A thread that loses its processor
/// in the middle of a piece holds up the others; where one had to wait long, it goes on by itself for a while.
final class Lockstep: @unchecked Sendable {
  private let steps: Int
  private let pieces: Int
  /// Pieces done, of all steps; behind it, for each piece, how often it has been taken; `distance` places apart,
  /// so that who looks at one does not wait for who writes another.
  private let counters: UnsafeMutablePointer<Atomic<Int>>
  private static let distance = 16
  /// Looks after which whoever waits pauses between them, notes when it began to wait, and lets others have the
  /// processor.
  private static let (eagerness, concern, patience) = (64, 1_000, 10_000)
  /// A wait of so many nanoseconds is no step's; `avoidance` times as long nobody is waited for.
  private static let (longWait, avoidance): (UInt64, UInt64) = (200_000, 8)
  private static let aloneUntil = Atomic<UInt64>(0)

  init(steps: Int, pieces: Int) {
    (self.steps, self.pieces) = (steps, pieces)
    let count = (1 + pieces) * Self.distance
    counters = .allocate(capacity: count)
    for place in 0..<count { (counters + place).initialize(to: Atomic(0)) }
  }

  deinit { counters.deallocate() }

  /// How many of `count` threads should take part now.
  static func members(of count: Int) -> Int {
    count > 1 && now < aloneUntil.load(ordering: .relaxed) ? 1 : count
  }

  private static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }

  /// What member `member` of `members` does: of each step first pieces member, member + members …, so that it meets
  /// the same part of the same weights again, and then what others have left.
  func run<Context>(
    as member: Int, of members: Int, _ context: inout Context,
    _ body: (inout Context, _ step: Int, _ piece: Int) -> Void
  ) {
    for step in 0..<steps {
      awaitPieces(step * pieces)
      for turn in 0..<members {
        for piece in stride(from: (member + turn) % members, to: pieces, by: members)
        where take(piece, of: step) {
          body(&context, step, piece)
          counters.pointee.wrappingAdd(1, ordering: .acquiringAndReleasing)
        }
      }
    }
  }

  private func take(_ piece: Int, of step: Int) -> Bool {
    let taken = counters + (1 + piece) * Self.distance
    guard taken.pointee.load(ordering: .relaxed) == step else { return false }
    return taken.pointee.compareExchange(
      expected: step, desired: step + 1, ordering: .relaxed
    ).exchanged
  }

  private func awaitPieces(_ count: Int) {
    var looks = 0
    var start: UInt64 = 0
    while counters.pointee.load(ordering: .acquiring) < count {
      looks += 1
      if looks == Self.concern { start = Self.now }
      if looks > Self.patience {
        sched_yield()
      } else if looks > Self.eagerness {
        reel_pause()
      }
    }
    guard start > 0 else { return }
    let end = Self.now
    if end - start > Self.longWait {
      Self.aloneUntil.store(end + Self.avoidance * (end - start), ordering: .relaxed)
    }
  }
}
