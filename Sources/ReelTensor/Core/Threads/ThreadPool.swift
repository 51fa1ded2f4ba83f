import CReelKernels
import Dispatch
import Foundation
import Synchronization

/// Threads that wait awake for a moment before they sleep.
///
/// A training step of a small network divides work hundreds of times, for some tens of microseconds
/// each; a thread that sleeps in between takes as long to wake up. After a piece of work, a thread of
/// this pool looks for the next one for a while, then sleeps.
final class ThreadPool: @unchecked Sendable {
  static let shared = ThreadPool()

  /// What is to be done: `pieces` pieces, each by whoever of `workers` threads takes it first.
  private struct Job {
    let body: @Sendable (Int) -> Void
    let pieces: Int
    let workers: Int
    /// For each worker, how many of its pieces are taken, `distance` places apart.
    let taken: UnsafeMutablePointer<Atomic<Int>>
  }

  /// Keeps what lies behind it off the cache lines of what lies before: whoever writes there would wait
  /// for the line of those who keep looking here.
  private struct Gap { private let words = SIMD16<Int>() }

  private let gapBeforeNumber = Gap()
  /// Counts jobs; threads look for a change.
  private let number = Atomic<Int>(0)
  private let gapBehindNumber = Gap()
  /// Places that threads may still take in the current job, and threads that took one and are not done:
  /// one number, so that both change together.
  private let places = Atomic<Int>(0)
  private static let place = 1 << 32
  /// Written while no thread has a place in a job.
  private var job: Job?
  private let gapBehindJob = Gap()

  /// What jobs count with.
  private var counters = UnsafeMutablePointer<Atomic<Int>>.allocate(capacity: 0)
  private static let distance = 16
  /// One job at a time.
  private let isBusy = Atomic<Bool>(false)
  private let threads = Mutex<Int>(0)
  private let sleeping = Atomic<Int>(0)
  private let bell = DispatchSemaphore(value: 0)

  /// How often a thread looks for work before it sleeps: about 100 µs where a pause takes 50 ns, as on
  /// recent processors.
  private static let looks = 2_000
  /// Looks after which whoever waits lets others have the processor.
  private static let patience = 10_000

  /// Does the job with `workers` threads, the calling one among them; false, and nothing done, where the
  /// pool is at work for someone else.
  func run(_ pieces: Int, workers: Int, _ body: @Sendable (Int) -> Void) -> Bool {
    guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else { return false }
    let threads = grow(to: workers - 1)
    withoutActuallyEscaping(body) { body in
      let job = Job(body: body, pieces: pieces, workers: workers, taken: counters)
      self.job = job
      for worker in 0..<workers {
        counters[worker * Self.distance].store(0, ordering: .relaxed)
      }
      places.store((workers - 1) * Self.place, ordering: .releasing)
      number.wrappingAdd(1, ordering: .sequentiallyConsistent)
      // Those who are awake will look by themselves.
      let asleep = sleeping.load(ordering: .sequentiallyConsistent)
      for _ in 0..<max(0, workers - 1 - (threads - asleep)) { bell.signal() }
      take(job, as: 0)
      close()
      self.job = nil
    }
    isBusy.store(false, ordering: .releasing)
    return true
  }

  /// Worker w of W has pieces w, w + W, w + 2W …, and then takes what others have left. So a thread meets
  /// the same part of the same weights in job after job, and finds it in its cache.
  private func take(_ job: Job, as worker: Int) {
    for step in 0..<job.workers {
      let owner = (worker + step) % job.workers
      let count = (job.pieces - owner + job.workers - 1) / job.workers
      let taken = job.taken + owner * Self.distance
      while taken.pointee.load(ordering: .relaxed) < count {
        let turn = taken.pointee.wrappingAdd(1, ordering: .relaxed).oldValue
        guard turn < count else { break }
        job.body(owner + turn * job.workers)
      }
    }
  }

  /// Takes back the places that are left, and waits for those who are not done.
  private func close() {
    var seen = places.load(ordering: .relaxed)
    while seen >= Self.place {
      seen =
        places.compareExchange(
          expected: seen, desired: seen % Self.place, ordering: .acquiringAndReleasing
        ).original
    }
    var looks = 0
    while places.load(ordering: .acquiring) > 0 {
      looks += 1
      if looks < Self.patience { reel_pause() } else { sched_yield() }
    }
  }

  // MARK: Threads

  /// Makes at least so many threads, while no thread has a place in a job; says how many there are.
  private func grow(to count: Int) -> Int {
    threads.withLock { threads in
      guard threads < count else { return threads }
      makeCounters(count + 1)
      while threads < count {
        threads += 1
        let number = threads
        let thread = Thread { [self] in serve(as: number) }
        thread.name = "reel-\(number)"
        thread.stackSize = 8 << 20
        thread.start()
      }
      return threads
    }
  }

  private func makeCounters(_ workers: Int) {
    counters.deallocate()
    counters = .allocate(capacity: workers * Self.distance)
    for place in 0..<workers * Self.distance { (counters + place).initialize(to: Atomic(0)) }
  }

  private func serve(as thread: Int) {
    var done = 0
    while true {
      done = awaitJob(after: done)
      var seen = places.load(ordering: .relaxed)
      while seen >= Self.place {
        let (exchanged, original) = places.compareExchange(
          expected: seen, desired: seen - Self.place + 1, ordering: .acquiringAndReleasing)
        guard exchanged else {
          seen = original
          continue
        }
        if let job { take(job, as: thread) }
        places.wrappingSubtract(1, ordering: .releasing)
        break
      }
    }
  }

  /// The number of a job after number `last`.
  private func awaitJob(after last: Int) -> Int {
    for _ in 0..<Self.looks {
      let found = number.load(ordering: .acquiring)
      if found != last { return found }
      reel_pause()
    }
    sleeping.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { sleeping.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
    while true {
      let found = number.load(ordering: .sequentiallyConsistent)
      if found != last { return found }
      bell.wait()
    }
  }
}
