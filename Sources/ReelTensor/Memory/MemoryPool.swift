import Foundation
import Synchronization

/// The buffers that tensors live in, kept for the next tensor of about the same size.
///
/// A training step asks for the same sizes again and again; once it is warm, every buffer comes
/// from here and the system is asked for nothing (`statistics.bufferAllocations` stands still).
public enum MemoryPool {
  /// What the pool holds, in bytes, and how often it had to ask the system for a buffer.
  public struct Statistics: Sendable {
    /// Buffers taken from the system since the process started.
    public var bufferAllocations = 0
    /// Bytes of buffers that tensors use now; a larger one that was lent counts in full.
    public var bytesInUse = 0
    /// Bytes of buffers that wait for a tensor.
    public var bytesHeld = 0
    /// The largest `bytesInUse` since the start or since `resetPeak()`.
    public var peakBytes = 0
  }

  private struct State {
    /// Free buffers by size class; the class is the index.
    var free: [[UnsafeMutableRawPointer]] = []
    var statistics = Statistics()
    /// The largest `bytesInUse` since the start.
    var largestUse = 0
  }

  // Raw pointers are not Sendable, but a free buffer has one owner: the pool, behind the lock.
  private final class Shared: @unchecked Sendable {
    var state = State()
    let lock = Mutex<Void>(())
    func withLock<R>(_ body: (inout State) -> R) -> R { lock.withLock { _ in body(&state) } }
  }

  private static let shared = Shared()

  public static var statistics: Statistics { shared.withLock { $0.statistics } }

  /// Starts a new measurement of `peakBytes`.
  public static func resetPeak() {
    shared.withLock { $0.statistics.peakBytes = $0.statistics.bytesInUse }
  }

  /// Gives every buffer that waits back to the system.
  public static func trim() {
    shared.withLock { state in releaseFree(&state) }
  }

  // MARK: Size classes

  // Four classes for each doubling: at most a quarter of a buffer is unused.
  private static let smallest = 64  // bytes, a cache line
  private static let classesOfADoubling = 4
  /// Up to 32 times as large is what is lent briefly.
  private static let classesOfALoan = 20

  static func sizeClass(bytes: Int) -> Int {
    guard bytes > smallest else { return 0 }
    let exponent = Int.bitWidth - 1 - (bytes - 1).leadingZeroBitCount  // 2^exponent <= bytes-1
    let quarter = (bytes - 1) >> (exponent - 2) & 3
    return (exponent - 6) * 4 + quarter + 1
  }

  static func byteCount(ofClass index: Int) -> Int {
    guard index > 0 else { return smallest }
    let exponent = (index - 1) / 4 + 6
    let quarter = (index - 1) % 4
    return (1 << exponent) + (quarter + 1) << (exponent - 2)
  }

  /// One class for each doubling, a quarter above a power of two: what operations need briefly is of many sizes,
  /// and of small pages those that nobody touches take no room.
  private static func briefClass(bytes: Int) -> Int {
    let index = sizeClass(bytes: bytes)
    let rounded = (index + 2) / classesOfADoubling * classesOfADoubling + 1
    return byteCount(ofClass: rounded) < hugePage ? rounded : index
  }

  // MARK: Taking and giving

  private static let hugePage = 2 << 20

  /// A buffer of at least `bytes` and its size class, which `give` wants back. Never fails: a
  /// machine out of memory ends the process, as everywhere in Swift.
  ///
  /// - Parameter briefly: what is given back before anybody asks for something large that stays; a larger
  ///   buffer that waits will do, and counts in full as long as it is lent.
  static func take(bytes: Int, briefly: Bool) -> (UnsafeMutableRawPointer, Int) {
    let exact = sizeClass(bytes: bytes)
    let wanted = briefly ? briefClass(bytes: bytes) : exact
    let found: (UnsafeMutableRawPointer, Int)? = shared.withLock { state in
      // Of the very size class: a buffer lent to a smaller wish is missing when its own comes, and a
      // training step would never stop asking the system.
      for index in exact...exact + (briefly ? classesOfALoan : 0) {
        if let found = takeFree(index, &state) { return found }
      }
      // A miss. What waits is of other sizes (ragged batches leave some of each); it must not grow
      // far past what was ever in use together.
      let total = state.statistics.bytesHeld + state.statistics.bytesInUse
      if total > max(256 << 20, 2 * state.largestUse) {
        for larger in wanted + 1...wanted + classesOfADoubling {
          if let found = takeFree(larger, &state) { return found }
        }
        makeRoom(byteCount(ofClass: wanted), &state)
      }
      state.statistics.bufferAllocations += 1
      use(byteCount(ofClass: wanted), &state)
      return nil
    }
    if let found { return found }
    let size = byteCount(ofClass: wanted)
    let pointer = UnsafeMutableRawPointer.allocate(
      byteCount: size, alignment: size >= hugePage ? hugePage : 64)
    #if os(Linux)
      // Large pages spare the processor most of its address translations.
      if size >= hugePage { madvise(pointer, size, 14 /* MADV_HUGEPAGE */) }
    #endif
    return (pointer, wanted)
  }

  private static func takeFree(
    _ index: Int, _ state: inout State
  ) -> (UnsafeMutableRawPointer, Int)? {
    guard index < state.free.count, let pointer = state.free[index].popLast() else { return nil }
    let size = byteCount(ofClass: index)
    state.statistics.bytesHeld -= size
    use(size, &state)
    return (pointer, index)
  }

  static func give(_ pointer: UnsafeMutableRawPointer, sizeClass index: Int) {
    shared.withLock { state in
      while state.free.count <= index { state.free.append([]) }
      state.free[index].append(pointer)
      let size = byteCount(ofClass: index)
      state.statistics.bytesHeld += size
      state.statistics.bytesInUse -= size
    }
  }

  private static func use(_ size: Int, _ state: inout State) {
    state.statistics.bytesInUse += size
    state.statistics.peakBytes = max(state.statistics.peakBytes, state.statistics.bytesInUse)
    state.largestUse = max(state.largestUse, state.statistics.bytesInUse)
  }

  /// Gives `bytes` back to the system, as far as they wait: the smallest buffer that is enough, or else as many
  /// smaller ones as it takes, the largest first. For a small wish the large buffers, which take long to get again,
  /// stay.
  private static func makeRoom(_ bytes: Int, _ state: inout State) {
    let enough = sizeClass(bytes: bytes)
    for index in state.free.indices.dropFirst(enough) where !state.free[index].isEmpty {
      releaseFree(&state, ofClass: index)
      return
    }
    var left = bytes
    for index in state.free.indices.prefix(enough).reversed() {
      while left > 0, !state.free[index].isEmpty {
        releaseFree(&state, ofClass: index)
        left -= byteCount(ofClass: index)
      }
    }
  }

  private static func releaseFree(_ state: inout State) {
    for index in state.free.indices {
      while !state.free[index].isEmpty { releaseFree(&state, ofClass: index) }
    }
  }

  private static func releaseFree(_ state: inout State, ofClass index: Int) {
    guard let pointer = state.free[index].popLast() else { return }
    pointer.deallocate()
    state.statistics.bytesHeld -= byteCount(ofClass: index)
  }
}
