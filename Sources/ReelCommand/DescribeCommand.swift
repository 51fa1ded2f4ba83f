import ArgumentParser
import Foundation
import Reel

/// `reel describe`: what a model consists of.
struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Show what a model consists of: layers, shapes, parameters.",
    discussion: """
      Of a language model, the table has each layer's output shape, with B for sequences and T for \
      tokens, and its multiply-adds for each token: those of matrix products and peepholes; looking \
      up the row of a token takes none. Of other models it has the weights of each layer and their \
      shapes.
      """)

  @Argument(help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var folder: String

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
  }

  /// The settings of a model in its `config.json`.
  private struct Configuration: Decodable {
    let model: JSONField
  }

  func run() throws {
    switch try ModelFolder.kind(of: folder) {
    case .languageModel: try describeLanguageModel()
    case .textClassifier: try describe(TextClassifier(folder: folder), .textClassifier)
    case .sequenceTagger: try describe(SequenceTagger(folder: folder), .sequenceTagger)
    case .seq2seq: try describe(Seq2Seq(folder: folder), .seq2seq)
    case .textGenerator: try describe(TextGenerator(folder: folder), .textGenerator)
    case .textRegressor: try describe(TextRegressor(folder: folder).network, .textRegressor)
    case .sequenceClassifier:
      try describe(SequenceClassifier(folder: folder).network, .sequenceClassifier)
    case .sequenceRegressor:
      try describe(SequenceRegressor(folder: folder).network, .sequenceRegressor)
    }
  }

  private func describe(_ model: some TaskModel, _ kind: ModelKind) throws {
    try describe(model.network, kind, facts: model.facts)
  }

  private func describe(_ network: some Module, _ kind: ModelKind, facts: [String] = []) throws {
    let description = NetworkDescription(network.parameters)
    let file = URL(fileURLWithPath: ModelFolder.path("config.json", in: folder))
    let configuration = try JSONDecoder().decode(Configuration.self, from: Data(contentsOf: file))
    do {
      if json {
        try JSONOutput.write(
          JSONField.object([
            "model": .text(folder), "kind": .text(kind.rawValue), "layers": description.json,
            "parameters": .integer(description.parameters),
            "configuration": configuration.model,
          ]))
      } else {
        let title = facts.isEmpty ? kind.title : kind.title + ": " + facts.joined(separator: ", ")
        try StandardStreams.write(title + "\n\n" + description.text)
      }
    } catch is StandardStreams.ClosedPipe {}
  }

  private func describeLanguageModel() throws {
    let model = try LanguageModel(folder: folder)
    let layers = model.layers
    let result = Result(
      model: folder, tokens: model.configuration.tokens,
      vocabulary: model.tokenizer.vocabularySize, layers: layers,
      parameters: layers.reduce(0) { $0 + $1.parameters },
      multiplyAdds: layers.reduce(0) { $0 + $1.multiplyAdds })
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
    return "language model over \(result.vocabulary) \(result.tokens.units)\(kind)\n\n" + table.text
  }
}
