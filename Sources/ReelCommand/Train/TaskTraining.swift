import ArgumentParser
import Foundation
import Reel

/// The options that the trainings of all tasks have.
struct TaskTrainingOptions<Defaults: TrainingDefaults>: ParsableArguments {
  @OptionGroup(title: "Training") var training: TrainingOptions<Defaults>
  @OptionGroup(title: "Optimization") var optimization: OptimizationOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Keep and evaluate the exponential moving average of the weights, with this decay, for \
      example 0.999, or none (default: none).
      """, valueName: "decay"))
  var average: Limit?

  @OptionGroup(title: "Machine") var machine: MachineOptions

  func apply(to settings: inout TrainingSettings, isNew: Bool, holdsOut: Bool) throws {
    try CommandError.checkingArguments {
      try training.apply(to: &settings, isNew: isNew)
      try optimization.apply(to: &settings, isNew: isNew)
      if let average {
        if !isNew {
          try refuse(
            "average", TextFormat.optional(average.value), TextFormat.optional(settings.averaging))
        }
        settings.averaging = average.value
      }
      try settings.validate()
      guard !holdsOut else { return }
      for (name, isSet) in [
        ("--patience", settings.patience != nil), ("--reduce-on-plateau", settings.plateau != nil),
      ] where isSet {
        throw CommandError.wrongArgument(
          "\(name) needs held-out examples, but the validation fraction is 0")
      }
    }
  }
}

extension TextFormat {
  /// "none" where there is none.
  static func optional<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "none" }
}

/// A subcommand of `reel train` whose model learns from examples.
protocol TaskTrainingCommand: ParsableCommand {
  associatedtype Model: TaskModel
  associatedtype Defaults: TrainingDefaults
  associatedtype Item

  var examples: ExampleOptions { get }
  var output: OutputOptions { get }
  var options: TaskTrainingOptions<Defaults> { get }

  /// - Throws: a wrong argument, before anything is read.
  func check() throws
  /// - Throws: a wrong argument about the network of a new model, before anything is read.
  func checkNetwork() throws
  /// Reads a file of examples.
  func read(_ path: String) throws -> [Item]
  /// What is to have its share of what is held out.
  func label(of item: Item) -> String
  /// A new model for these examples.
  func model(for training: [Item], seed: UInt64) throws -> Model
  /// - Throws: a wrong argument where an option asks for another model than the checkpoint's.
  func checkAgreement(with model: Model) throws
  func example(_ item: Item, of model: Model) throws -> Model.Example
}

extension TaskTrainingCommand {
  func check() throws {}
  func label(of item: Item) -> String { "" }

  func run() throws {
    try output.check()
    try examples.check()
    try check()
    // What a resumed training is told has to agree with its model, whatever the standard is.
    if !output.resume { try checkNetwork() }
    try TrainingSession.run(output, options.machine) { folder in
      try output.resume ? resumedTrainer() : newTrainer(folder)
    }
  }

  private func newTrainer(
    _ folder: OutputFolder
  ) throws -> (Trainer<Model>, heldOut: [Model.Example]) {
    var settings = TrainingSettings()
    // Wrong numbers come out before a large corpus is read.
    try options.apply(to: &settings, isNew: true, holdsOut: examples.validationFraction != 0)
    if !output.overwrite { try folder.checkIsFree() }
    let items = try examples.read(read, label: label)
    let model = try namingCorpus { try self.model(for: items.training, seed: settings.seed) }
    let (training, heldOut) = try items.map { try example($0, of: model) }
    let trainer = try Trainer(
      model, training: training, validation: heldOut, settings: settings)
    return (trainer, heldOut)
  }

  private func resumedTrainer() throws -> (Trainer<Model>, heldOut: [Model.Example]) {
    let model = try Model(folder: output.output)
    try checkAgreement(with: model)
    let items = try examples.read(read, label: label)
    let (training, heldOut) = try items.map { try example($0, of: model) }
    let trainer = try Trainer<Model>(
      resuming: output.output, training: training, validation: heldOut
    ) { settings in
      try options.apply(to: &settings, isNew: false, holdsOut: !heldOut.isEmpty)
    }
    return (trainer, heldOut)
  }

  /// What a model finds wrong with its training data is said of the file.
  private func namingCorpus<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as CommandError {
      throw error
    } catch {
      let text = "\(error)"
      // Some errors name a file by themselves: that of the vectors, for example.
      if ["corpus '", "vectors '", "tokenizer"].contains(where: text.hasPrefix) { throw error }
      let separator = text.hasPrefix("line ") ? ", " : ": "
      throw CommandError("corpus '\(examples.corpus)'\(separator)\(text)")
    }
  }
}
