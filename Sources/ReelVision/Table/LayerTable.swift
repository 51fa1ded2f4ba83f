/// The layers of an architecture with their sizes, one row for each, computed from shapes alone: no
/// weight is made for it.
public struct LayerTable: Sendable, Codable, Equatable {
  public struct Row: Sendable, Codable, Equatable {
    /// The path of the layer's parameters; where a layer has no name, that of the layer around it.
    public var name: String
    /// What it does, in words.
    public var kind: String
    /// [channel, height, width], or [value] of a vector.
    public var output: [Int]
    /// [height, width] of the window; nil for a layer without one.
    public var kernel: [Int]?
    public var stride: [Int]?
    public var padding: [Int]?
    /// The number of trained values.
    public var parameters: Int
    /// Products of convolutions and affine maps for one image, each added to a sum. Other layers are
    /// not counted.
    public var multiplyAdds: Int
    /// [height, width] of the part of the image, its edges ignored, that one value depends on.
    public var receptiveField: [Int]
    /// It belongs to a classifier beside the network that only training looks at.
    public var isAuxiliary: Bool
  }

  /// The name of the architecture.
  public var architecture: String
  public var source: String
  /// [channel, height, width]
  public var input: [Int]
  public var classes: Int
  public var rows: [Row]

  /// The number of trained values, those of auxiliary classifiers included.
  public var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }

  /// The trained values of auxiliary classifiers.
  public var auxiliaryParameters: Int {
    rows.reduce(0) { $0 + ($1.isAuxiliary ? $1.parameters : 0) }
  }

  /// What predicting one image takes: without auxiliary classifiers.
  public var multiplyAdds: Int {
    rows.reduce(0) { sum, row in
      let (total, overflow) = sum.addingReportingOverflow(row.isAuxiliary ? 0 : row.multiplyAdds)
      return overflow ? Int.max : total
    }
  }

  /// The shape that comes out for one image.
  public let output: [Int]

  /// The rows of the layer at a path and of all layers within it.
  public func rows(at path: String) -> [Row] {
    rows.filter { $0.name == path || $0.name.hasPrefix(path + ".") }
  }

  /// - Parameters:
  ///   - input: [channel, height, width]; the published one where nil.
  ///   - classes: the published number where nil.
  /// - Throws: `NetworkError` that names the layer that cannot take what comes.
  public init(
    _ architecture: Architecture, input: [Int]? = nil, classes: Int? = nil
  ) throws(NetworkError) {
    let plan = try NetworkPlan(
      architecture.layers, input: input ?? architecture.input,
      classes: classes ?? architecture.classes)
    self.init(architecture, plan)
  }

  init(_ architecture: Architecture, _ plan: NetworkPlan) {
    self.architecture = architecture.name
    source = architecture.source
    (input, classes, output) = (plan.input.shape, plan.classes, plan.output.shape)
    rows = Self.rows(of: plan.layers, times: 1, isAuxiliary: false)
  }

  private static func rows(
    of layers: [PlannedLayer], times: Int, isAuxiliary: Bool
  ) -> [Row] {
    layers.flatMap { layer -> [Row] in
      var times = times
      var auxiliary = isAuxiliary
      if case .recurrent(_, let steps) = layer.layer { times *= steps }
      if case .auxiliary = layer.layer { auxiliary = true }
      var result: [Row] = []
      for part in layer.parts {
        result += rows(of: part, times: times, isAuxiliary: auxiliary)
      }
      guard let facts = layer.layer.facts else { return result }
      result.append(
        Row(
          name: layer.path, kind: facts.kind, output: layer.output.shape,
          kernel: facts.kernel?.sizes, stride: facts.stride?.sizes,
          padding: facts.padding?.sizes, parameters: layer.parameterCount,
          multiplyAdds: [layer.multiplyAdds, times].saturatedProduct,
          receptiveField: layer.field.pixels,
          isAuxiliary: auxiliary))
      return result
    }
  }
}
