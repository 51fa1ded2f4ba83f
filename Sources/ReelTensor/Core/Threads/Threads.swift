import CReelKernels
import Dispatch
import Foundation
import Synchronization

/// How many threads Reel may use, and the one place where work is divided among them.
///
/// Work is cut into pieces by its shape alone, and each piece is computed by one thread in a fixed
/// order: the number of threads changes the time and never a bit of the result.
public enum Threads {
  @TaskLocal private static var limit: Int?

  private static let processors = ProcessInfo.processInfo.activeProcessorCount

  /// Threads that Reel uses here: the innermost `with`, or one for each processor.
  public static var count: Int { limit ?? processors }

  /// Runs `body` with at most `count` threads (at least 1).
  public static func with<R>(_ count: Int, _ body: () throws -> R) rethrows -> R {
    precondition(count >= 1, "Threads.with: \(count) threads asked for, at least 1 expected")
    return try $limit.withValue(count, operation: body)
  }

  /// Calls `body` once for each piece, on several threads; returns when all are done. Each of n threads
  /// begins with every nth piece in ascending order, as a rule the same ones in call after call, and
  /// then takes what others have left. `body` itself must not divide again, unless there is one piece,
  /// or within `with(1)`.
  package static func forEach(_ pieces: Int, _ body: @Sendable (Int) -> Void) {
    forEach(pieces, flushesDenormals: reel_flushes_denormals(), body)
  }

  private static func forEach(
    _ pieces: Int, flushesDenormals: Bool, _ body: @Sendable (Int) -> Void
  ) {
    let workers = min(count, pieces)
    // A thread that helps does not know what was asked for here: neither how denormal numbers are taken (it
    // may have been made by one that takes them for 0), nor how exact products have to be.
    @Sendable func inMode(_ piece: Int) {
      let mode = reel_set_flushing_denormals(flushesDenormals)
      defer { reel_restore_denormals(mode) }
      body(piece)
    }
    guard workers > 1 else {
      for piece in 0..<pieces { inMode(piece) }
      return
    }
    let precision = ProductPrecision.current
    guard precision == .highest else {
      divide(pieces, workers) { piece in ProductPrecision.with(precision) { inMode(piece) } }
      return
    }
    divide(pieces, workers, inMode)
  }

  private static func divide(_ pieces: Int, _ workers: Int, _ body: @Sendable (Int) -> Void) {
    if ThreadPool.shared.run(pieces, workers: workers, body) { return }
    let next = Atomic<Int>(0)
    withoutActuallyEscaping(body) { body in
      DispatchQueue.concurrentPerform(iterations: workers) { _ in
        while true {
          let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard piece < pieces else { return }
          body(piece)
        }
      }
    }
  }

  /// The same, with denormal numbers taken for 0 in the pieces: for products and recurrences, whose
  /// fading gradients would otherwise slow some processors down a hundredfold.
  package static func forEachFlushingDenormals(_ pieces: Int, _ body: @Sendable (Int) -> Void) {
    forEach(pieces, flushesDenormals: true, body)
  }

  /// Calls `body` for each piece of each step, with denormal numbers taken for 0; all pieces of a step are done
  /// before any of the next begins. For steps of some microseconds, which would not be worth a `forEach` each.
  ///
  /// - Parameter context: makes what a thread writes again and again while it works; any thread's will do for any
  ///   step and piece.
  package static func forEachStepFlushingDenormals<Context>(
    _ steps: Int, pieces: Int, context: @Sendable () -> Context,
    _ body: @Sendable (inout Context, _ step: Int, _ piece: Int) -> Void
  ) {
    let members = min(count, pieces)
    let lockstep = Lockstep(steps: steps, pieces: pieces)
    forEachFlushingDenormals(members) { member in
      var context = context()
      lockstep.run(as: member, of: members, &context, body)
    }
  }

  /// Cuts `count` items into ranges of `size` (the last may be shorter) and runs `body` on each.
  package static func forEachRange(
    of count: Int, size: Int, _ body: @Sendable (Range<Int>) -> Void
  ) {
    guard count > 0 else { return }
    forEach((count + size - 1) / size) { piece in
      body(piece * size..<min(count, (piece + 1) * size))
    }
  }
}

/// A pointer that a piece of parallel work carries to its thread. Whoever makes one promises that
/// the pieces touch disjoint parts, or only read.
package struct Shared<Pointer>: @unchecked Sendable {
  package let pointer: Pointer
  package init(_ pointer: Pointer) { self.pointer = pointer }
}
