import Reel

extension DescribeCommand {
  /// A model of images: the table of its layers.
  func describe<Model: ImageTaskModel>(_ model: Model) throws {
    let table = try model.layerTable
    do {
      if json {
        try JSONOutput.write(
          ImageModelDescription(model: folder, kind: Model.kind, model.configuration, table))
      } else {
        let facts = model.facts.joined(separator: ", ")
        try StandardStreams.write("\(Model.kind.title): \(facts)\n\n\(table.text)")
      }
    } catch is StandardStreams.ClosedPipe {}
  }

  /// What `--json` prints of a model of images.
  private struct ImageModelDescription: Encodable {
    let model: String
    let kind: ModelKind
    let architecture: String
    let input: [Int]
    let output: [Int]
    let classes: [String]
    let frozen: [String]
    let layers: [LayerTable.Row]
    let parameters: Int
    let multiplyAdds: Int

    init(
      model: String, kind: ModelKind, _ configuration: ImageConfiguration, _ table: LayerTable
    ) {
      (self.model, self.kind) = (model, kind)
      (architecture, input, output) = (table.architecture, table.input, table.output)
      (classes, frozen) = (configuration.classes, configuration.frozen)
      (layers, parameters) = (table.rows, table.parameters)
      multiplyAdds = table.multiplyAdds
    }
  }
}
