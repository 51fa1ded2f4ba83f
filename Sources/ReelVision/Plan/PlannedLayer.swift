/// A layer of a description with the shapes that follow for one input: what a table prints, and what
/// weights are made from.
struct PlannedLayer: Sendable {
  let name: String
  /// The names from the network down to this layer, joined by dots.
  let path: String
  let layer: LayerDescription
  let input: MapShape
  let output: MapShape
  /// Of one value of the output.
  let field: ReceptiveField
  /// Shapes of the parameters of this layer itself, not of its parts.
  let parameters: [[Int]]
  /// Products of this layer itself, each added to a sum.
  let multiplyAdds: Int
  /// Of a layer made of layers, its parts: one list for each of them.
  let parts: [[PlannedLayer]]

  var parameterCount: Int { parameters.reduce(0) { $0 + $1.reduce(1, *) } }
}

extension [PlannedLayer] {
  /// Shapes of all parameters with their places, for comparing two plans.
  var parameterShapes: [(path: String, shapes: [[Int]], input: MapShape)] {
    flatMap { layer in
      [(layer.path, layer.parameters, layer.input)] + layer.parts.flatMap(\.parameterShapes)
    }
  }
}
