import Foundation
import Reel

/// Work that is repeated and timed.
protocol TimedWork {
  /// Units of work in one repetition, for each of which the time is told.
  var units: Int { get }
  /// Floating-point operations of the matrix products and convolutions of one unit.
  var operations: Double { get }

  mutating func repeatOnce() throws
}

struct Timing {
  /// Milliseconds of one unit, ascending.
  var milliseconds: [Double] = []
  /// Buffers that the last repetition took from the system.
  var allocations = 0
  /// Bytes in use at the highest point of a repetition.
  var peakBytes = 0
}

extension TimedWork {
  /// Repeats after a warm-up, at least so often and so long.
  mutating func run(repeats: Int, seconds: Double) throws -> Timing {
    let clock = ContinuousClock()
    for _ in 0..<3 { try repeatOnce() }
    MemoryPool.resetPeak()
    var timing = Timing()
    let start = clock.now
    while timing.milliseconds.count < repeats || clock.now - start < .seconds(seconds) {
      let before = MemoryPool.statistics.bufferAllocations
      let duration = try clock.measure { try repeatOnce() }
      timing.allocations = MemoryPool.statistics.bufferAllocations - before
      timing.milliseconds.append(duration / .milliseconds(1) / Double(units))
    }
    timing.peakBytes = MemoryPool.statistics.peakBytes
    timing.milliseconds.sort()
    return timing
  }
}

/// The memory of this process, as Linux counts it; nil elsewhere.
enum ProcessMemory {
  /// Lets the highest point start anew; what is in use now.
  static func resetPeak() -> Int? {
    guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return nil }
    defer { try? file.close() }
    try? file.write(contentsOf: Data("5".utf8))
    return bytes("VmRSS:")
  }

  /// The highest point.
  static var peak: Int? { bytes("VmHWM:") }

  /// What is in use now of pages of files: code and constants of the program and its libraries.
  static var ofFiles: Int? { bytes("RssFile:") }

  private static func bytes(_ key: String) -> Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return nil
    }
    let line = status.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 << 10 }
  }
}
