import ArgumentParser
import Reel

/// `reel describe`: what a model consists of.
struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Show a model's layers, output shapes, parameters and multiply-adds for each token.",
    discussion: """
      In shapes B stands for sequences and T for tokens. Multiply-adds are those of matrix products \
      and peepholes; looking up the row of a token takes none.
      """)

  @Argument(help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var folder: String

  @Flag(help: "Print one line of JSON.")
  var json = false

  /// What `--json` prints.
  private struct Result: Encodable {
    let model: String
    let tokens: TokenizerKind
    let vocabulary: Int
    let layers: [LayerSummary]
    let parameters: Int
    let multiplyAdds: Int
  }

  func run() throws {
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
