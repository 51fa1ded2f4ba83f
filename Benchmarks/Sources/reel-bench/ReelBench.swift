import ArgumentParser
import Foundation
import Reel
import Synchronization

@main
struct ReelBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reel-bench", abstract: "Times one workload in this process and prints JSON.")

  @Option(help: "train, forward, step or decode.") var task: Workload.Task = .train
  @Option(help: "rnn, gru, lstm, or any other cell of Reel.") var cell: RecurrentCellKind = .lstm
  @Option(help: "Embedding size, 128; features of a time step with --tcn, 1.") var input: Int?
  @Option(help: "Units of each layer.") var hidden = 256
  @Option var layers = 1
  @Option(help: "Sequences; 32, and 1 for step, unless given.") var batch: Int?
  @Option(help: "Time steps.") var steps = 128
  @Flag var bidirectional = false
  @Flag(help: "Lengths of 10 to 200, one answer for each sequence.") var ragged = false
  @Option var vocabulary = 65
  @Option(help: "train and forward in windows of so many time steps; train updates after each.")
  var window: Int?
  @Option(
    help: "train keeps the state at every so many time steps, and computes the rest again.")
  var recomputed: Int?
  @Option(help: "Steps of step in a row, timed together.") var block = 50
  @Option(help: "Hypotheses of decode.") var beam = 5
  @Option(help: "A folder that decode writes its model to.") var model: String?

  @Option(help: "A temporal convolutional network of so many blocks and channels, as 8x25.")
  var tcn: Sizes?
  @Option(help: "Kernel of --tcn.") var kernel = 3
  @Option(help: "Time steps of --tcn.") var length = 128
  @Option(help: "Scores of --tcn.") var outputs = 10
  @Flag(help: "--tcn scores every time step, not the last alone.") var everyStep = false
  @Option(
    help: "A convolution: channels in and out, kernel, side of the image, as 64x64x3x56.")
  var conv: Sizes?
  @Option(help: "A network for images: u-net-256, or any architecture of Reel.")
  var network: String?

  @Option var threads: Int
  @Option(help: "Of large products: highest, high or medium.")
  var precision = ProductPrecision.highest
  @Option(help: "How step holds the weights of a recurrent network: float32, bf16 or int8.")
  var weights = WeightFormat.float32
  @Option(help: "At least this many timings.") var repeats = 5
  @Option(help: "And at least this long.") var seconds = 2.0

  /// Numbers with an x between them.
  struct Sizes: ExpressibleByArgument {
    let text: String
    let numbers: [Int]

    init?(argument: String) {
      let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
      guard parts.allSatisfy({ $0.map { $0 > 0 } ?? false }) else { return nil }
      (text, numbers) = (argument, parts.compactMap { $0 })
    }
  }

  func validate() throws {
    let sizes = [
      input ?? 1, hidden, layers, batch ?? 1, steps, vocabulary, kernel, length, outputs, threads,
      repeats, window ?? 1, recomputed ?? 1, block, beam,
    ]
    guard sizes.allSatisfy({ $0 > 0 }) else {
      throw ValidationError("sizes, threads and repeats must be positive")
    }
    if task == .step && (bidirectional || ragged) {
      throw ValidationError("step goes forward one time step at a time")
    }
    if weights != .float32 && (task != .step || tcn != nil) {
      throw ValidationError("--weights is for step with a recurrent network")
    }
    for (name, sizes, count) in [("tcn", tcn, 2), ("conv", conv, 4)] {
      guard let sizes, sizes.numbers.count != count else { continue }
      throw ValidationError("--\(name) \(sizes.text): \(count) numbers are expected")
    }
    let kinds = [tcn != nil, conv != nil, network != nil].filter { $0 }.count
    if kinds > 1 || task == .step && (conv != nil || network != nil) {
      throw ValidationError(
        "one of --tcn, --conv and --network is expected, and step only for --tcn")
    }
    if window != nil || recomputed != nil {
      guard
        kinds == 0, !bidirectional, !ragged, window == nil || recomputed == nil,
        task == .train || task == .forward && recomputed == nil
      else {
        throw ValidationError(
          "--window is for train and forward, --recomputed for train, one of them for recurrent "
            + "networks that read equal lengths forward")
      }
    }
    if task == .decode {
      guard kinds == 0, cell == .lstm, !ragged else {
        throw ValidationError("decode is for an LSTM and equal lengths")
      }
      guard DecodingWork.longestTarget(steps: steps) != nil else {
        throw ValidationError("--steps \(steps): decode takes 7, 9, 10, 12, … 30, 31, 33, …")
      }
      guard DecodingWork.vocabularies.contains(vocabulary) else {
        throw ValidationError("--vocabulary \(vocabulary): decode takes 16 to 50,000")
      }
    } else if model != nil {
      throw ValidationError("--model is for decode")
    }
  }

  func run() throws {
    let (before, filesBefore) = (ProcessMemory.resetPeak(), ProcessMemory.ofFiles)
    let batch = batch ?? (task == .step || task == .decode ? 1 : 32)
    let workload = Workload(
      task: task, cell: cell, input: input ?? 128, hidden: hidden, layers: layers, batch: batch,
      steps: steps, isBidirectional: bidirectional, isRagged: ragged, vocabulary: vocabulary,
      window: window, recomputed: recomputed, block: block,
      weights: weights)
    var work: any TimedWork
    if let tcn {
      work = TCNWork(
        task: task, sizes: tcn.numbers, kernel: kernel, length: length, batch: batch,
        input: input ?? 1, outputs: outputs, isEveryStep: everyStep)
    } else if let conv {
      work = try ConvolutionWork(task: task, sizes: conv.numbers, batch: batch)
    } else if let network {
      work = try ImageWork(task: task, network: network, batch: batch)
    } else if task == .decode {
      let decoding = try DecodingWork(workload, beam: beam)
      if let model { try decoding.model.save(to: model) }
      work = decoding
    } else {
      work = try Runner(workload)
    }
    let timing = try ProductPrecision.with(precision) {
      try Threads.with(threads) { try work.run(repeats: repeats, seconds: seconds) }
    }
    let (peak, files) = (ProcessMemory.peak, ProcessMemory.ofFiles)
    let limit = measureLimit(threads: threads)
    let times = timing.milliseconds
    let median = times[times.count / 2]
    let rate = work.operations / (median * 1e6)
    let isRecurrent = tcn == nil && conv == nil && network == nil
    let runner = work as? Runner
    let decoded = (work as? DecodingWork)?.answers.first?.first
    let report = Report(
      task: task.rawValue, cell: isRecurrent ? cell.rawValue : nil, tcn: tcn?.text,
      conv: conv?.text, network: network,
      input: isRecurrent || tcn != nil ? input ?? (tcn == nil ? 128 : 1) : nil,
      hidden: isRecurrent ? hidden : nil, layers: isRecurrent ? layers : nil, batch: batch,
      steps: isRecurrent ? steps : nil, bidirectional: isRecurrent ? bidirectional : nil,
      ragged: isRecurrent ? ragged : nil, vocabulary: isRecurrent ? vocabulary : nil,
      window: window, recomputed: recomputed,
      kernel: tcn.map { _ in kernel }, length: tcn.map { _ in length },
      outputs: tcn.map { _ in outputs }, every_step: tcn.map { _ in everyStep },
      beam: task == .decode ? beam : nil, threads: threads, milliseconds: median, minimum: times[0],
      maximum: times[times.count - 1], repeats: times.count, operations: work.operations,
      gflops: rate,
      multiply_add_limit_gflops: limit / 1e9, share_of_limit: rate * 1e9 / limit,
      allocations_per_step: timing.allocations, peak_bytes: timing.peakBytes,
      peak_growth_bytes: before.flatMap { before in peak.map { $0 - before } },
      file_growth_bytes: filesBefore.flatMap { before in files.map { $0 - before } },
      parameters: runner?.parameters, loss: runner?.loss, answer: decoded?.tokens,
      log_probability: decoded?.logProbability,
      instruction_set: Processor.instructionSet, precision: precision.rawValue,
      weights: weights.rawValue)
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

extension Workload.Task: ExpressibleByArgument {}
extension ProductPrecision: @retroactive ExpressibleByArgument {}
extension WeightFormat: @retroactive ExpressibleByArgument {}
extension RecurrentCellKind: @retroactive ExpressibleByArgument {}
