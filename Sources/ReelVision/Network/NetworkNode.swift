import ReelLayers
import ReelTensor

/// One layer of a network with its weights.
struct NetworkNode: Module {
  let name: String
  /// The names from the network down, joined by dots.
  let path: String
  var kind: Kind

  enum Kind: Sendable {
    case convolution(Convolution2D)
    case transposedConvolution(TransposedConvolution2D)
    case tableConvolution(TableConvolution2D)
    case linear(Linear)
    case radialBasis(RadialBasis)
    case batchNorm(BatchNorm)
    case subsampling(SubsamplingLayer)
    case parametricReLU(PReLU)
    /// A layer without parameters, kept as its description.
    case fixed(LayerDescription)
    case sequence([NetworkNode])
    case residual(
      body: [NetworkNode], shortcut: [NetworkNode], scale: Float, then: Activation?)
    case branches([[NetworkNode]])
    case join(String, through: [NetworkNode], crop: Crop, by: JoinDescription)
    case auxiliary([NetworkNode])
    case recurrent([NetworkNode], steps: Int)
  }

  /// A layer within is visited under its name, and where it has none in the scope around it.
  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    // Taken out and put back, so that every parameter has one owner while it is visited.
    let kind = self.kind
    self.kind = .fixed(.flatten)
    self.kind = Self.visited(consume kind, &visitor)
  }

  private static func visited<Visitor: ParameterVisitor>(
    _ kind: consuming Kind, _ visitor: inout Visitor
  ) -> Kind {
    switch consume kind {
    case .convolution(var layer):
      layer.visitParameters(&visitor)
      return .convolution(layer)
    case .transposedConvolution(var layer):
      layer.visitParameters(&visitor)
      return .transposedConvolution(layer)
    case .tableConvolution(var layer):
      layer.visitParameters(&visitor)
      return .tableConvolution(layer)
    case .linear(var layer):
      layer.visitParameters(&visitor)
      return .linear(layer)
    case .radialBasis(var layer):
      layer.visitParameters(&visitor)
      return .radialBasis(layer)
    case .batchNorm(var layer):
      layer.visitParameters(&visitor)
      return .batchNorm(layer)
    case .subsampling(var layer):
      layer.visitParameters(&visitor)
      return .subsampling(layer)
    case .parametricReLU(var layer):
      layer.visitParameters(&visitor)
      return .parametricReLU(layer)
    case .fixed(let layer): return .fixed(layer)
    case .sequence(var nodes):
      nodes.visit(&visitor)
      return .sequence(nodes)
    case .residual(var body, var shortcut, let scale, let then):
      body.visit(&visitor)
      shortcut.visit(&visitor)
      return .residual(body: body, shortcut: shortcut, scale: scale, then: then)
    case .branches(var branches):
      for index in branches.indices { branches[index].visit(&visitor) }
      return .branches(branches)
    case .join(let name, var through, let crop, let join):
      through.visit(&visitor)
      return .join(name, through: through, crop: crop, by: join)
    case .auxiliary(var nodes):
      nodes.visit(&visitor)
      return .auxiliary(nodes)
    case .recurrent(var nodes, let steps):
      nodes.visit(&visitor)
      return .recurrent(nodes, steps: steps)
    }
  }
}

extension [NetworkNode] {
  mutating func visit<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    for index in indices {
      if self[index].name.isEmpty {
        self[index].visitParameters(&visitor)
      } else {
        visitor.visit(self[index].name, &self[index])
      }
    }
  }
}
