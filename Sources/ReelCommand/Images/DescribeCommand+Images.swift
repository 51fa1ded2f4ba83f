import Reel

extension DescribeCommand {
  /// A model of images: its layers.
  func describe<Model: ImageTaskModel>(_ model: Model) throws {
    let table = try model.layerTable
    do {
      if json {
        try JSONOutput.write(ImageModelDescription(model: folder, kind: Model.kind, table: table))
      } else {
        let layers = NetworkDescription(model.network.parameters).text
        let facts = model.facts.joined(separator: ", ")
        try StandardStreams.write("\(Model.kind.title): \(facts)\n\n\(layers)")
      }
    } catch is StandardStreams.ClosedPipe {}
  }

  /// What `--json` prints of a model of images.
  private struct ImageModelDescription: Encodable {
    let model: String
    let kind: ModelKind
    let table: LayerTable
  }
}
