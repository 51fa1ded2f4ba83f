import ArgumentParser
import Foundation
import Reel
import Synchronization

@main
struct ReelBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reel-bench", abstract: "Times one workload in this process and prints JSON.")

  @Option(help: "train, forward or step.") var task: Workload.Task = .train
  @Option(help: "rnn, gru, lstm, or any other cell of Reel.") var cell: RecurrentCellKind = .lstm
  @Option(help: "Embedding size.") var input = 128
  @Option(help: "Units of each layer.") var hidden = 256
  @Option var layers = 1
  @Option(help: "Sequences; 32, and 1 for step, unless given.") var batch: Int?
  @Option(help: "Time steps.") var steps = 128
  @Flag var bidirectional = false
  @Flag(help: "Lengths of 10 to 200, one answer for each sequence.") var ragged = false
  @Option var vocabulary = 65
  @Option var threads: Int
  @Option(help: "At least this many timings.") var repeats = 5
  @Option(help: "And at least this long.") var seconds = 2.0

  func validate() throws {
    let sizes = [input, hidden, layers, batch ?? 1, steps, vocabulary, threads, repeats]
    guard sizes.allSatisfy({ $0 > 0 }) else {
      throw ValidationError("sizes, threads and repeats must be positive")
    }
    if task == .step && (bidirectional || ragged) {
      throw ValidationError("step goes forward one time step at a time")
    }
  }

  func run() throws {
    let workload = Workload(
      task: task, cell: cell, input: input, hidden: hidden, layers: layers,
      batch: batch ?? (task == .step ? 1 : 32), steps: steps, isBidirectional: bidirectional,
      isRagged: ragged, vocabulary: vocabulary)
    let (timing, limit) = Threads.with(threads) {
      var runner = Runner(workload)
      let timing = runner.run(repeats: repeats, seconds: seconds)
      return (timing, measureLimit(threads: threads))
    }
    let times = timing.milliseconds
    let median = times[times.count / 2]
    let rate = workload.operations / (median * 1e6)
    let report = Report(
      task: task.rawValue, cell: cell.rawValue, input: input, hidden: hidden, layers: layers,
      batch: workload.batch, steps: steps, bidirectional: bidirectional, ragged: ragged,
      vocabulary: vocabulary, threads: threads, milliseconds: median,
      minimum: times[0], maximum: times[times.count - 1], repeats: times.count, gflops: rate,
      multiply_add_limit_gflops: limit / 1e9, share_of_limit: rate * 1e9 / limit,
      allocations_per_step: timing.allocations, peak_bytes: timing.peakBytes,
      instruction_set: Processor.instructionSet)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    print(String(decoding: try encoder.encode(report), as: UTF8.self))
  }

  /// Floating-point operations a second of a loop of multiply-adds on registers, all threads.
  private func measureLimit(threads: Int) -> Double {
    let total = Mutex(0.0)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      let rate = Processor.measureLimit(seconds: 0.3)
      total.withLock { $0 += rate }
    }
    return total.withLock { $0 }
  }
}

/// What is printed; the names are those of the peers.
struct Report: Encodable {
  let task: String
  let cell: String
  let input: Int
  let hidden: Int
  let layers: Int
  let batch: Int
  let steps: Int
  let bidirectional: Bool
  let ragged: Bool
  let vocabulary: Int
  let threads: Int
  let milliseconds: Double
  let minimum: Double
  let maximum: Double
  let repeats: Int
  let gflops: Double
  let multiply_add_limit_gflops: Double
  let share_of_limit: Double
  let allocations_per_step: Int
  let peak_bytes: Int
  let instruction_set: String
}

extension Workload.Task: ExpressibleByArgument {}
extension RecurrentCellKind: @retroactive ExpressibleByArgument {}
