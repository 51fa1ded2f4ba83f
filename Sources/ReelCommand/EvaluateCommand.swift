import ArgumentParser
import Reel

/// `reel evaluate`: how well a model does, or tags from any source.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measure how well a model does on a corpus, or tags against the right ones.",
    discussion: """
      What is measured depends on what the folder holds. A language model predicts every token of a \
      text but the first from all before it. A text classifier labels the texts of a TSV or JSON \
      Lines file: accuracy, balanced error rate, macro F1. A sequence tagger tags the sentences of \
      a CoNLL file: span F1 as the CoNLL scorer counts it. A seq2seq model answers the sources of a \
      file of pairs: wrong answers (word error rate) and wrong tokens. A text generator predicts \
      labelled texts. A model of images reads the test part of a folder of images, as `reel train \
      images` describes them: top-1 and top-5 accuracy, mean intersection over union, or what is \
      named and found.

      --gold and --predicted compare the tags of two CoNLL files with the same tokens, wherever \
      they come from; without --gold, the predicted file has the right tags in the column before \
      the last, as the CoNLL scorer reads it.

      With --json, shares and error rates are from 0 to 1.
      """)

  @Option(help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var model: String?

  @Option(
    help: ArgumentHelp("The text, the examples or the images to evaluate it on.", valueName: "path")
  )
  var corpus: String?

  @Option(help: ArgumentHelp("The right tags, in CoNLL columns.", valueName: "file"))
  var gold: String?

  @Option(help: ArgumentHelp("Tags to compare with them.", valueName: "file"))
  var predicted: String?

  @OptionGroup(title: "Format") var format: CorpusFormatOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Hypotheses that a seq2seq model follows at once (default: 1, greedy).", valueName: "n"))
  var beam: Int?

  @OptionGroup(title: "Machine") var machine: MachineOptions

  @Flag(help: "End with one line of JSON on standard output.")
  var json = false

  func run() throws {
    try format.check()
    try machine.run {
      do {
        if gold != nil || predicted != nil {
          try write(try comparison())
        } else {
          try evaluateModel()
        }
      } catch is StandardStreams.ClosedPipe {}
    }
  }

  // MARK: Tags of files

  private func comparison() throws -> EvaluationReport {
    guard let predicted, model == nil, corpus == nil else {
      throw CommandError.wrongArgument(
        "--model and --corpus, or --gold and --predicted: two of one kind are expected")
    }
    let columns = try format.conll()
    let file = try MappedFile(predicted, as: "predicted")
    let scores =
      if let gold {
        try SpanEvaluation.compare(
          gold: MappedFile(gold, as: "gold"), predicted: file, format: columns,
          scheme: format.scheme)
      } else {
        try SpanEvaluation.compare(file, format: columns, scheme: format.scheme)
      }
    guard scores.tokens > 0 else {
      throw CommandError("predicted '\(predicted)' holds no tokens, at least 1 is expected")
    }
    return EvaluationReport(scores)
  }

  // MARK: Models

  private func evaluateModel() throws {
    guard let model, let corpus else {
      throw CommandError.wrongArgument(
        "--model and --corpus, or --gold and --predicted: two of one kind are expected")
    }
    let kind = try ModelFolder.kind(of: model)
    guard beam == nil || kind == .seq2seq else {
      throw CommandError.wrongArgument(
        "--beam is for seq2seq models, '\(model)' holds \(kind.title)")
    }
    switch kind {
    case .languageModel:
      let report = try LanguageModelReport(of: model, on: corpus)
      if let warning = report.warning { StandardStreams.writeError("Warning: \(warning)\n") }
      if json {
        try JSONOutput.write(report.result)
      } else {
        try StandardStreams.write(report.text)
      }
    case .textClassifier:
      let classifier = try TextClassifier(folder: model)
      try evaluate(classifier, try format.labelledTexts(corpus), classifier.example)
    case .sequenceTagger:
      let tagger = try SequenceTagger(folder: model)
      try evaluate(tagger, try format.sentences(corpus), tagger.example)
    case .seq2seq:
      let search = TranslationOptions(beam: beam ?? 1)
      try CommandError.checkingArguments { try search.validate() }
      let seq2seq = try Seq2Seq(folder: model)
      try evaluate(seq2seq, try format.pairs(corpus), seq2seq.example) {
        seq2seq.evaluate($0, search)
      }
    case .textGenerator:
      let generator = try TextGenerator(folder: model)
      try evaluate(generator, try format.labelledTexts(corpus)) { try generator.example($0) }
    case .imageClassifier: try evaluateImages(ImageClassifier.self, of: model, on: corpus)
    case .imageSegmenter: try evaluateImages(ImageSegmenter.self, of: model, on: corpus)
    case .imageLocalizer: try evaluateImages(ImageLocalizer.self, of: model, on: corpus)
    case .sequenceClassifier, .sequenceRegressor, .textRegressor:
      throw CommandError(
        "'\(model)' holds \(kind.title), which the library evaluates: a language model, text "
          + "classifier, sequence tagger, seq2seq model, text generator or model of images is "
          + "expected")
    }
  }

  private func evaluate<Model: TaskModel, Item>(
    _ model: Model, _ items: [Item], _ example: (Item) throws -> Model.Example,
    by evaluation: (([Model.Example]) -> Model.Evaluation)? = nil
  ) throws {
    let file = corpus ?? ""
    guard !items.isEmpty else {
      throw CommandError("corpus '\(file)' holds no examples, at least 1 is expected")
    }
    let examples = try HeldOutExamples<Item>.map(items, file, example)
    let start = ContinuousClock.now
    var report = Model.report(of: evaluation?(examples) ?? model.evaluate(examples))
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    report.fields["model"] = .text(self.model)
    report.fields["seconds"] = .number(seconds)
    report.summary +=
      "\n\(TextFormat.grouped(items.count)) \(Model.itemName) in \(TextFormat.fixed(seconds, 1)) s"
    try write(report)
  }

  private func evaluateImages<Model: ImageTaskModel>(
    _ type: Model.Type, of folder: String, on path: String
  ) throws {
    let model = try Model(folder: folder)
    let images = try ImageData(path).read(model, part: .test)
    try evaluate(model, images.examples) { $0 }
  }

  private func write(_ report: EvaluationReport) throws {
    if json {
      try JSONOutput.write(JSONField.object(report.fields))
    } else {
      let details = report.details.isEmpty ? "" : report.details + "\n"
      try StandardStreams.write(details + report.summary + "\n")
    }
  }
}
