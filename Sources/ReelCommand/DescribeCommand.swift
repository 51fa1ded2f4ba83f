import ArgumentParser
import Foundation
import Reel

/// `reel describe`: what a model or a published architecture consists of.
struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Show what a model or an architecture consists of: layers, shapes, parameters.",
    discussion: """
      The name of an architecture for images ('reel describe resnet-18') gives the table of its \
      layers: output size [channels, height, width], kernel, stride, padding, parameters, \
      multiply-adds for one image (those of convolutions and linear layers), and the part of the \
      image that one output depends on. A folder of that name comes first; './resnet-18' is always \
      a folder.

      Of a language model, the table has each layer's output shape, with B for sequences and T for \
      tokens, and its multiply-adds for each token: those of matrix products and peepholes; looking \
      up the row of a token takes none. Of other models it has the weights of each layer and their \
      shapes. Of a temporal convolutional network it is said how many steps one output depends on, \
      the receptive field.
      """)

  @Argument(
    help: ArgumentHelp(
      "The folder of the model, or the name of an architecture: "
        + Architecture.all.map(\.name).joined(separator: ", ") + ".",
      valueName: "folder-or-architecture"))
  var folder: String

  @Option(
    help: ArgumentHelp(
      "Of an architecture: the size of the images (default: the published one).",
      valueName: "channels,height,width"))
  var input: InputShape?

  @Option(
    help: ArgumentHelp(
      "Of an architecture: the number of classes (default: the published one).",
      valueName: "number"))
  var classes: Int?

  @Flag(help: "Print one line of JSON.")
  var json = false

  /// What `--json` prints.
  private struct Result: Encodable {
    let model: String
    let kind = ModelKind.languageModel
    let tokens: TokenizerKind
    let vocabulary: Int
    let layers: [LayerSummary]
    let parameters: Int
    let multiplyAdds: Int
    let weights: WeightFormat
    /// Of a TCN.
    let receptiveField: Int?
  }

  /// The settings of a model in its `config.json`.
  private struct Configuration: Decodable {
    let model: JSONField
  }

  func validate() throws {
    if let classes, classes < 1 {
      throw ValidationError("--classes \(classes): at least 1 expected")
    }
  }

  func run() throws {
    if let architecture = try architecture() {
      try describe(architecture)
      return
    }
    if let option = input != nil ? "--input" : classes != nil ? "--classes" : nil {
      throw CommandError.wrongArgument(
        "\(option) belongs to an architecture; '\(folder)' is a model, whose sizes are fixed")
    }
    switch try ModelFolder.kind(of: folder) {
    case .languageModel: try describeLanguageModel()
    case .textClassifier: try describe(TextClassifier(folder: folder), .textClassifier)
    case .sequenceTagger: try describe(SequenceTagger(folder: folder), .sequenceTagger)
    case .seq2seq: try describe(Seq2Seq(folder: folder), .seq2seq)
    case .textGenerator: try describe(TextGenerator(folder: folder), .textGenerator)
    case .textRegressor:
      let model = try TextRegressor(folder: folder)
      try describe(model.network, .textRegressor, model.configuration.encoder)
    case .sequenceClassifier:
      let model = try SequenceClassifier(folder: folder)
      try describe(model.network, .sequenceClassifier, model.configuration.encoder)
    case .sequenceRegressor:
      let model = try SequenceRegressor(folder: folder)
      try describe(model.network, .sequenceRegressor, model.configuration.encoder)
    case .imageClassifier: try describe(ImageClassifier(folder: folder))
    case .imageSegmenter: try describe(ImageSegmenter(folder: folder))
    case .imageLocalizer: try describe(ImageLocalizer(folder: folder))
    }
  }

  private func describe(_ model: some SequenceTaskModel, _ kind: ModelKind) throws {
    try describe(model.network, kind, model.encoder, facts: model.facts)
  }

  private func describe(
    _ network: some Module, _ kind: ModelKind, _ encoder: EncoderConfiguration,
    facts: [String]? = nil
  ) throws {
    let description = NetworkDescription(network.parameters)
    let file = URL(fileURLWithPath: ModelFolder.path("config.json", in: folder))
    let configuration = try JSONDecoder().decode(Configuration.self, from: Data(contentsOf: file))
    do {
      if json {
        var fields: [String: JSONField] = [
          "model": .text(folder), "kind": .text(kind.rawValue), "layers": description.json,
          "parameters": .integer(description.parameters), "configuration": configuration.model,
        ]
        fields["receptive_field"] = encoder.receptiveField.map { .integer($0) }
        fields["weights"] = .text(network.weightFormat.rawValue)
        try JSONOutput.write(JSONField.object(fields))
      } else {
        let facts = (facts ?? [encoder.fact]).joined(separator: ", ")
        let title = "\(kind.title): \(facts)\(fact(network.weightFormat))"
        try StandardStreams.write(title + "\n\n" + description.text)
      }
    } catch is StandardStreams.ClosedPipe {}
  }

  /// What is said of weights that are not plain Floats.
  private func fact(_ format: WeightFormat) -> String {
    format == .float32 ? "" : ", weights in \(format.rawValue)"
  }

  private func describeLanguageModel() throws {
    let model = try LanguageModel(folder: folder)
    let layers = model.layers
    let result = Result(
      model: folder, tokens: model.configuration.tokens,
      vocabulary: model.tokenizer.vocabularySize, layers: layers,
      parameters: layers.reduce(0) { $0 + $1.parameters },
      multiplyAdds: layers.reduce(0) { $0 + $1.multiplyAdds },
      weights: model.network.weightFormat,
      receptiveField: model.configuration.encoder.receptiveField)
    do {
      if json { try JSONOutput.write(result) } else { try StandardStreams.write(table(of: result)) }
    } catch is StandardStreams.ClosedPipe {}
  }

  private func table(of result: Result) -> String {
    var table = TextTable([
      ("layer", .left), ("kind", .left), ("output", .left), ("parameters", .right),
      ("multiply-adds per token", .right),
    ])
    table.add(["tokens", result.tokens.rawValue, "[B, T]", "", ""])
    for layer in result.layers {
      table.add([
        layer.name, layer.kind, layer.outputShape, TextFormat.grouped(layer.parameters),
        TextFormat.grouped(layer.multiplyAdds),
      ])
    }
    table.addRule()
    table.add([
      "total", "", "", TextFormat.grouped(result.parameters),
      TextFormat.grouped(result.multiplyAdds),
    ])
    let kind = result.tokens.unit == "token" ? " of kind \(result.tokens.rawValue)" : ""
    let field =
      result.receptiveField.map {
        ", each from the last \(TextFormat.counted($0, result.tokens.unit))"
      } ?? ""
    return "language model over \(result.vocabulary) \(result.tokens.units)\(kind)\(field)"
      + "\(fact(result.weights))\n\n"
      + table.text
  }
}
