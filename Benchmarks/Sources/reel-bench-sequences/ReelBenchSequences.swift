import ArgumentParser
import Foundation
import Reel

/// The tasks of Bai, Kolter and Koltun (2018), "An empirical evaluation of generic convolutional and
/// recurrent networks for sequence modeling".
@main
struct ReelBenchSequences: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reel-bench-sequences",
    abstract: "Trains a sequence network on a task of Bai, Kolter and Koltun (2018).",
    discussion: """
      Prints a line for every epoch, for each seed a JSON object, and at the end mean and deviation of
      the test results at the best held-out epochs. What is not given follows the paper's appendix.
      """)

  enum Task: String, CaseIterable, ExpressibleByArgument { case jsb, adding, copy, mnist }

  @Option(help: "jsb, adding, copy or mnist.") var task: Task
  @Option(help: "rnn, gru, lstm, tcn, or any other cell of Reel.") var model: EncoderKind
  @Option(help: "T: steps of adding (200), blanks of copy (500).") var length: Int?
  @Option(help: "jsb: the JSON file; mnist: the folder of the four IDX files.") var data: String?
  @Option(help: "mnist: train on the first ones alone.") var images: Int?
  @Flag(help: "mnist: the pixels in a fixed random order.") var permuted = false

  @Option(help: "Units of a layer, channels of a block.") var hidden: Int?
  @Option(help: "Size of a recurrent network, where no units are given.") var parameters: Int?
  @Option(help: "Layers, or blocks of the TCN.") var layers: Int?
  @Option(help: "Kernel of the TCN.") var kernel: Int?
  @Option(help: "Dropout between layers, and in the blocks of the TCN.") var dropout: Float?
  @Option(help: "Dropout of the encoder's output.") var outputDropout: Float?
  @Option(help: "Dropout of the recurrent state.") var recurrentDropout: Float?

  @Option(help: "adam, adamw, rmsprop, sgd, ….") var optimizer: String?
  @Option(help: "Learning rate.") var rate: Float?
  @Option(help: "Weight decay.") var weightDecay: Float?
  @Option(help: "Decay of a moving average of the weights, which is evaluated.") var average: Float?
  @Option(help: "Largest global norm of the gradients; 0: any.") var clip: Float?
  @Option(help: "constant, linear, cosine or plateau.") var schedule: Recipe.RateSchedule?
  @Option(help: "Sequences of a step.") var batch: Int?
  @Option(help: "Epochs.") var epochs: Int?
  @Option(help: "adding, copy: steps that count as an epoch.") var stepsPerEpoch: Int?
  @Option(help: "End after the epoch in which so much time has passed.") var minutes: Double?
  @Option(help: "End when the held-out loss is below this.") var target: Double?
  @Option(help: "End after so many epochs without a better held-out loss.") var patience: Int?

  @Option(help: "The first seed.") var seed: UInt64 = 1
  @Option(help: "Trainings, each with the next seed.") var seeds = 1
  @Option(help: "Threads.") var threads = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    let sizes = [length, images, hidden, parameters, layers, kernel, batch, epochs, stepsPerEpoch]
    guard sizes.allSatisfy({ $0.map { $0 > 0 } ?? true }), seeds > 0, threads > 0 else {
      throw ValidationError("sizes, epochs, seeds and threads must be positive")
    }
    if data == nil, task == .jsb || task == .mnist {
      throw ValidationError("\(task.rawValue) reads files: --data says where they are")
    }
  }

  func run() throws {
    let recipe = recipe()
    let task = try make(recipe)
    let hasLayersBetween = model == .tcn || recipe.layers > 1
    var encoder = EncoderConfiguration(
      cell: model, layers: recipe.layers, directions: .forward,
      dropout: hasLayersBetween ? recipe.dropout : 0, recurrentDropout: recipe.recurrentDropout,
      kernelSize: recipe.kernel)
    if let hidden = recipe.hidden {
      encoder.hiddenSize = hidden
    } else {
      encoder = encoder.sized(parameters: recipe.parameters, inputSize: task.inputSize)
    }
    if let problem = encoder.problem { throw ValidationError(problem) }
    var results: [SequenceTraining.Result] = []
    try Threads.with(threads) {
      for seed in seed..<seed + UInt64(seeds) {
        let training = SequenceTraining(
          task: task, recipe: recipe, encoder: encoder, seed: seed, target: target,
          minutes: minutes, patience: patience)
        say("\(self.task.rawValue), \(model.rawValue), seed \(seed): \(task.measure)")
        if let field = encoder.receptiveField { say("receptive field \(field)") }
        let result = try training.run(say)
        results.append(result)
        say(try line(recipe, encoder, result, seed))
      }
    }
    say("\(self.task.rawValue), \(model.rawValue): test \(summary(results))")
  }

  /// Past the buffer, so that a log shows each epoch when it ends.
  private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

  private var taskLength: Int { length ?? (task == .copy ? 500 : 200) }

  private func recipe() -> Recipe {
    let kind: Recipe.Kind =
      switch task {
      case .jsb: .chorales
      case .adding: .adding(taskLength)
      case .copy: .copying(taskLength)
      case .mnist: .pixels
      }
    var recipe = Recipe(kind, isTCN: model == .tcn)
    if let hidden { recipe.hidden = hidden }
    if let parameters { recipe.parameters = parameters }
    if let layers { recipe.layers = layers }
    if let kernel { recipe.kernel = kernel }
    if let dropout { recipe.dropout = dropout }
    if let outputDropout { recipe.outputDropout = outputDropout }
    if let recurrentDropout { recipe.recurrentDropout = recurrentDropout }
    if let optimizer { recipe.optimizer = optimizer }
    if let rate { recipe.rate = rate }
    if let weightDecay { recipe.weightDecay = weightDecay }
    if let average { recipe.average = average }
    if let clip { recipe.clip = clip }
    if let schedule { recipe.schedule = schedule }
    if let batch { recipe.batch = batch }
    if let epochs { recipe.epochs = epochs }
    if let stepsPerEpoch { recipe.stepsPerEpoch = stepsPerEpoch }
    return recipe
  }

  private func make(_ recipe: Recipe) throws -> any SequenceTask {
    switch task {
    case .jsb: try ChoralesTask(path: data ?? "", batch: recipe.batch)
    case .adding:
      AddingTask(length: taskLength, batch: recipe.batch, stepsPerEpoch: recipe.stepsPerEpoch)
    case .copy:
      CopyTask(blanks: taskLength, batch: recipe.batch, stepsPerEpoch: recipe.stepsPerEpoch)
    case .mnist:
      try PixelTask(
        folder: data ?? "", order: permuted ? .permutedPixels(seed: 1) : .pixels,
        images: images, batch: recipe.batch)
    }
  }

  private struct Line: Encodable {
    let task: String
    let model: String
    let length: Int?
    let seed: UInt64
    let threads: Int
    let recipe: Recipe
    let encoder: EncoderConfiguration
    let receptive_field: Int?
    let result: SequenceTraining.Result
  }

  private func line(
    _ recipe: Recipe, _ encoder: EncoderConfiguration, _ result: SequenceTraining.Result,
    _ seed: UInt64
  ) throws -> String {
    let coder = JSONEncoder()
    coder.outputFormatting = [.sortedKeys]
    coder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let hasLength = task == .adding || task == .copy
    let line = Line(
      task: task.rawValue, model: model.rawValue, length: hasLength ? taskLength : nil, seed: seed,
      threads: threads, recipe: recipe, encoder: encoder,
      receptive_field: encoder.receptiveField, result: result)
    return String(decoding: try coder.encode(line), as: UTF8.self)
  }

  private func summary(_ results: [SequenceTraining.Result]) -> String {
    func meanAndDeviation(_ values: [Double], _ format: String) -> String {
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / Double(max(values.count - 1, 1))).squareRoot()
      return "\(decimal(mean, format)) ± \(decimal(deviation, format))"
    }
    let losses = results.map(\.test.loss)
    let format = losses.allSatisfy { $0 < 1e-2 } ? "%.2e" : "%.4f"
    var text = "\(meanAndDeviation(losses, format)) over \(results.count) seeds"
    let accuracies = results.compactMap(\.test.accuracy)
    if !accuracies.isEmpty {
      text += ", \(meanAndDeviation(accuracies.map { 100 * $0 }, "%.2f")) %"
    }
    let seconds = results.map(\.seconds).reduce(0, +) / Double(results.count)
    return text + ", \(results[0].parameters) parameters, \(decimal(seconds, "%.0f")) s each"
  }
}

extension EncoderKind: @retroactive ExpressibleByArgument {}
extension Recipe.RateSchedule: ExpressibleByArgument {}
