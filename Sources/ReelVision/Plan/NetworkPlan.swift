import ReelLayers

/// Every layer of an architecture with its shapes, for an input and a number of classes. Nothing is
/// initialized.
struct NetworkPlan: Sendable {
  let layers: [PlannedLayer]
  let input: MapShape
  let output: MapShape
  let classes: Int

  /// - Throws: `NetworkError` that names the layer and what it gets.
  init(_ network: NetworkDescription, input: [Int], classes: Int) throws(NetworkError) {
    guard input.count == 3, input.allSatisfy({ $0 > 0 && $0 <= 1 << 20 }) else {
      throw NetworkError(
        "input \(input): three numbers of at least 1 expected, channels, height and width")
    }
    guard classes > 0 && classes <= 1 << 24 else {
      throw NetworkError("\(classes) classes: at least 1 expected")
    }
    self.input = MapShape(input)
    self.classes = classes
    var planner = Planner(image: self.input, classes: classes)
    (layers, output, _) = try planner.plan(network, in: "", self.input, .pixel)
  }
}

/// What came out of a part of a network: its layers, and the shape and field at its end.
private typealias Planned = (layers: [PlannedLayer], shape: MapShape, field: ReceptiveField)

private struct Planner {
  let image: MapShape
  let classes: Int
  var saved: [String: (shape: MapShape, field: ReceptiveField)]
  /// Paths of layers with parameters.
  var taken: Set<String> = []

  init(image: MapShape, classes: Int) {
    (self.image, self.classes) = (image, classes)
    saved = ["input": (image, .pixel)]
  }

  mutating func plan(
    _ network: NetworkDescription, in scope: String, _ input: MapShape, _ field: ReceptiveField
  ) throws(NetworkError) -> Planned {
    var (shape, field) = (input, field)
    var layers: [PlannedLayer] = []
    for entry in network.entries {
      let path = Self.path(scope, entry.name)
      let planned: PlannedLayer
      do throws(NetworkError) {
        planned = try plan(entry, path, shape, field)
      } catch {
        throw error.description.hasPrefix("layer ") ? error : error.at(path)
      }
      if !planned.parameters.isEmpty && !taken.insert(path).inserted {
        throw NetworkError("two layers with parameters have the name \(path)")
      }
      layers.append(planned)
      (shape, field) = (planned.output, planned.field)
    }
    return (layers, shape, field)
  }

  static func path(_ scope: String, _ name: String) -> String {
    if scope.isEmpty { return name }
    return name.isEmpty ? scope : scope + "." + name
  }

  private mutating func plan(
    _ entry: NetworkDescription.Entry, _ path: String, _ input: MapShape, _ field: ReceptiveField
  ) throws(NetworkError) -> PlannedLayer {
    func container(
      _ parts: [[PlannedLayer]], _ output: MapShape, _ field: ReceptiveField
    ) -> PlannedLayer {
      PlannedLayer(
        name: entry.name, path: path, layer: entry.layer, input: input, output: output,
        field: field, parameters: [], multiplyAdds: 0, parts: parts)
    }
    try entry.layer.checkSettings(classes: classes)
    switch entry.layer {
    case .sequence(let network):
      let part = try plan(network, in: path, input, field)
      return container([part.layers], part.shape, part.field)

    case .residual(let body, let shortcut, _, _):
      let main = try plan(body, in: path, input, field)
      let side = try plan(shortcut, in: path, input, field)
      guard main.shape == side.shape else {
        throw NetworkError(
          "a residual sum of \(main.shape) and a shortcut of \(side.shape): the same shape expected"
        )
      }
      return container([main.layers, side.layers], main.shape, main.field.joined(with: side.field))

    case .branches(let networks):
      var parts: [Planned] = []
      for network in networks { parts.append(try plan(network, in: path, input, field)) }
      guard let first = parts.first, parts.allSatisfy({ $0.shape.size == first.shape.size }) else {
        throw NetworkError(
          "branches \(parts.map(\.shape.description).joined(separator: ", ")): at least one, and all "
            + "of one size, expected")
      }
      let channels = parts.reduce(0) { $0 + $1.shape.channels }
      return container(
        parts.map(\.layers), MapShape(channels: channels, size: first.shape.size),
        parts.dropFirst().reduce(first.field) { $0.joined(with: $1.field) })

    case .save(let name):
      guard !input.isVector else { throw NetworkError("a vector cannot be kept as \"\(name)\"") }
      saved[name] = (input, field)
      return container([], input, field)

    case .join(let name, let network, let crop, let join):
      let kept = try keptMaps(name)
      let side = try plan(network, in: path, kept.shape, kept.field)
      try check(side.shape, fits: input, crop, join, name)
      let channels =
        join == .concatenation ? side.shape.channels + input.channels : input.channels
      return container(
        [side.layers], MapShape(channels: channels, size: input.size),
        field.joined(with: side.field))

    case .crop(let name, let offset):
      let size = try keptMaps(name).shape.size
      let rest = zip(input.size, size).map { $0 - $1 - (offset ?? 0) }
      guard input.size.count == 2, rest.allSatisfy({ $0 >= 0 }) else {
        throw NetworkError(
          "maps \(input) are cut to \(size) from \(offset.map { "\($0)" } ?? "the centre"): larger "
            + "maps expected")
      }
      return container([], MapShape(channels: input.channels, size: size), field)

    case .auxiliary(let network):
      let part = try plan(network, in: path, input, field)
      return container([part.layers], input, field)

    case .recurrent(let network, let steps):
      return try planRecurrent(network, steps, path, input, field) { container([$0], $1, $2) }

    default:
      let facts = try entry.layer.leafFacts(input, field, classes: classes)
      try facts.checkSizes()
      return PlannedLayer(
        name: entry.name, path: path, layer: entry.layer, input: input, output: facts.output,
        field: facts.field, parameters: facts.parameters, multiplyAdds: facts.multiplyAdds,
        parts: [])
    }
  }

  private func keptMaps(
    _ name: String
  ) throws(NetworkError) -> (shape: MapShape, field: ReceptiveField) {
    guard let kept = saved[name] else {
      throw NetworkError(
        "nothing was kept as \"\(name)\": expected \(saved.keys.sorted().joined(separator: ", "))")
    }
    return kept
  }

  private func check(
    _ side: MapShape, fits input: MapShape, _ crop: Crop, _ join: JoinDescription, _ name: String
  ) throws(NetworkError) {
    let offset: Int? = if case .offset(let value) = crop { value } else { nil }
    let fits = zip(side.size, input.size).allSatisfy {
      crop == .none ? $0 == $1 : $0 - (offset ?? 0) >= $1
    }
    guard side.size.count == input.size.count, fits,
      join == .concatenation || side.channels == input.channels
    else {
      throw NetworkError(
        "maps \(side) from \"\(name)\" are joined with maps \(input): "
          + (join == .sum ? "as many channels and " : "")
          + (crop == .none ? "the same size expected" : "at least the same size expected"))
    }
  }

  private mutating func planRecurrent(
    _ network: NetworkDescription, _ steps: Int, _ path: String, _ input: MapShape,
    _ field: ReceptiveField,
    _ container: ([PlannedLayer], MapShape, ReceptiveField) -> PlannedLayer
  ) throws(NetworkError) -> PlannedLayer {
    var fed = input
    fed.channels += classes
    let part = try plan(network, in: path, fed, field)
    guard part.shape == MapShape(channels: classes, size: input.size) else {
      throw NetworkError(
        "\(part.shape) comes out and goes in again: "
          + "\(MapShape(channels: classes, size: input.size)) expected, a channel for each class at "
          + "the size of the image")
    }
    var field = part.field
    for axis in 0..<2 {
      field.length[axis] += (part.field.length[axis] - 1) * Double(steps - 1)
    }
    return container(part.layers, part.shape, field)
  }
}
