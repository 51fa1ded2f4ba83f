import ArgumentParser
import Foundation
import Reel

/// What a label is worth: text generators that know it beside one that does not, on names and tunes.
@main
struct ReelBenchGeneration: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reel-bench-generation",
    abstract: "Trains text generators on labelled texts and prints what they predict and write.")

  @Argument(help: "names or tunes.") var corpus: LabelledCorpus.Name
  @Option(help: "Where corpora/get puts its files.") var folder = "corpora/.cache"
  @Option(
    help: "none, initial-state, every-step, both; several are tried in turn.",
    transform: { name in
      guard let conditioning = TextConditioning(rawValue: name) else {
        throw ValidationError("no conditioning is called \(name)")
      }
      return conditioning
    })
  var conditioning: [TextConditioning] = TextConditioning.allCases
  @Option(help: "Trainings of each, with seeds 1, 2 and so on.") var seeds = 3
  @Option(help: "Epochs.") var epochs = 10
  @Option(help: "Texts of one step.") var batch = 32
  @Option(help: "Units of the LSTM.") var hidden = 128
  @Option(help: "Dropout.") var dropout: Float = 0
  @Option(help: "Learning rate of Adam, falling to 0 in a cosine.") var rate: Float = 2e-3
  @Option(help: "Threads.") var threads = 1
  @Option(help: "Texts that the last model writes for each label.") var samples = 8
  @Option(help: "Where the last model is saved.") var save: String?

  func run() throws {
    try Threads.with(threads) { try train() }
  }

  private func train() throws {
    let corpus = try LabelledCorpus(corpus, folder: folder)
    let counts = [corpus.training, corpus.validation, corpus.test].map(\.count)
    print("\(counts[0]) texts to train on, \(counts[1]) to choose the epoch, \(counts[2]) to test")
    var last: TextGenerator?
    for conditioning in conditioning {
      var runs: [Run] = []
      for seed in 1...seeds {
        let run = try run(corpus, conditioning, seed: UInt64(seed))
        runs.append(run)
        last = run.model
        print("\(conditioning.rawValue), seed \(seed): \(run.line)")
      }
      let columns = [
        runs.map(\.evaluation.loss), runs.map(\.evaluation.perplexity), runs.map(\.nats),
        runs.map { 100 * $0.recovery.accuracy }, runs.map { 100 * $0.recovery.balancedAccuracy },
      ].map(meanAndDeviation)
      let seconds = runs.map(\.seconds).reduce(0, +) / Double(seeds)
      print(
        "| \(conditioning.rawValue) | \(columns.joined(separator: " | ")) | "
          + "\(String(format: "%.0f", seconds)) |")
      for (index, label) in (last?.configuration.labels ?? []).enumerated() {
        let losses = meanAndDeviation(runs.map(\.evaluation.labels[index].loss))
        let texts = runs[0].recovery.texts[index]
        let found = runs.map { 100 * Double($0.recovery.correct[index]) / Double(max(texts, 1)) }
        print("|   \(label): \(texts) texts | \(losses) | found \(meanAndDeviation(found)) % |")
      }
    }
    if let save { try last?.save(to: save) }
    try last.map(write)
  }

  private struct Run {
    let model: TextGenerator
    let evaluation: TextGeneratorEvaluation
    let recovery: LabelRecovery
    let seconds: Double
    /// Of a whole text.
    var nats: Double { evaluation.loss * Double(evaluation.tokens) / Double(evaluation.texts) }
    var line: String {
      String(
        format: "loss %.4f, perplexity %.3f, %.2f nats a text, label found %.1f %%, %.0f s",
        evaluation.loss, evaluation.perplexity, nats, 100 * recovery.accuracy, seconds)
    }
  }

  private func run(
    _ corpus: LabelledCorpus, _ conditioning: TextConditioning, seed: UInt64
  ) throws -> Run {
    let configuration = TextGeneratorConfiguration(
      conditioning: conditioning,
      decoder: EncoderConfiguration(hiddenSize: hidden, directions: .forward), dropout: dropout)
    // All scalars of the corpus: that a rare one is known tells nothing about where it comes.
    let texts = corpus.training + corpus.validation + corpus.test
    let tokenizer = ScalarTokenizer(trainedOn: texts.map(\.text).joined())
    let model = try TextGenerator(
      texts: corpus.training, configuration: configuration, tokenizer: tokenizer, seed: seed)
    var settings = TrainingSettings()
    settings.epochs = epochs
    settings.batch = batch
    settings.seed = seed
    settings.optimizer.learningRate = rate
    var trainer = try Trainer(
      model, training: corpus.training.map(model.example),
      validation: corpus.validation.map(model.example), settings: settings)
    try trainer.train { trainer, event in
      if case .evaluation(let evaluation) = event {
        FileHandle.standardError.write(
          Data(
            String(
              format: "epoch %d: held-out loss %.4f, %.0f s\n", trainer.position.epoch,
              evaluation.loss, trainer.position.seconds
            ).utf8))
      }
    }
    let test = try corpus.test.map(model.example)
    return Run(
      model: trainer.best, evaluation: trainer.best.evaluate(test),
      recovery: trainer.best.labelRecovery(test), seconds: trainer.position.seconds)
  }

  private func meanAndDeviation(_ values: [Double]) -> String {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(max(values.count - 1, 1))).squareRoot()
    return String(format: mean >= 10 ? "%.2f ± %.2f" : "%.3f ± %.3f", mean, deviation)
  }

  private func write(_ model: TextGenerator) throws {
    for label in model.configuration.labels {
      let begin = ContinuousClock.now
      let texts = try model.generate(
        label: label, count: samples, sampling: Sampling(temperature: 0.8), seed: 1)
      let seconds = (ContinuousClock.now - begin) / .seconds(1)
      let written = texts.reduce(0) { $0 + $1.unicodeScalars.count }
      print(
        "\n\(label) (\(String(format: "%.0f", Double(written) / seconds)) characters a second):")
      for text in texts { print(text + (text.contains("\n") ? "\n" : "")) }
    }
  }
}

extension LabelledCorpus.Name: ExpressibleByArgument {}
