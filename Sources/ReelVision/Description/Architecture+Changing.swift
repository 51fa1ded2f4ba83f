import ReelLayers

extension Architecture {
  /// The same layers with `divisor` times fewer channels and hidden values (at least 1 each), for
  /// trying out a network that takes long at its published size. Joined maps must still have as many
  /// channels as each other: divide by a number that all widths can be divided by.
  public func narrowed(by divisor: Int) -> Architecture {
    precondition(divisor > 0, "narrowed(by: \(divisor)): at least 1 is expected")
    var result = self
    result.layers = layers.mapLayers { $0.narrowed(by: divisor) }
    return result
  }

  /// The same network with convolutions in place of affine maps: at the given size it computes what
  /// it did, [batch, classes, 1, 1], and of a larger image it makes a map of scores, one for each place
  /// where such a window fits (Long, Shelhamer and Darrell 2015). The weights are the same in another
  /// shape: ``ImageNetwork/takeParameters(from:)`` takes them.
  ///
  /// - Parameter input: the size that the affine maps were trained for; the published one where nil.
  /// - Throws: `NetworkError` for a description that makes no network.
  public func fullyConvolutional(input: [Int]? = nil) throws(NetworkError) -> Architecture {
    let plan = try NetworkPlan(layers, input: input ?? self.input, classes: classes)
    var result = self
    result.name += "-convolutional"
    result.input = plan.input.shape
    // The window that stands for all positions at once, until an affine map has taken it.
    var window: Extent?
    result.layers = plan.layers.convolutional(&window)
    return result
  }
}

extension NetworkDescription {
  /// Every layer, those within others first, changed by `transform`.
  func mapLayers(_ transform: (LayerDescription) -> LayerDescription) -> NetworkDescription {
    NetworkDescription(
      entries.map { entry in
        Entry(entry.name, transform(entry.layer.mapParts { $0.mapLayers(transform) }))
      })
  }
}

extension LayerDescription {
  /// The same layer with other layers within.
  func mapParts(
    _ transform: (NetworkDescription) -> NetworkDescription
  ) -> LayerDescription {
    switch self {
    case .sequence(let layers): .sequence(transform(layers))
    case .residual(let body, let shortcut, let scale, let then):
      .residual(transform(body), shortcut: transform(shortcut), scale: scale, then: then)
    case .branches(let branches): .branches(branches.map(transform))
    case .join(let name, let through, let crop, let join):
      .join(name, through: transform(through), crop: crop, by: join)
    case .auxiliary(let layers): .auxiliary(transform(layers))
    case .recurrent(let layers, let steps): .recurrent(transform(layers), steps: steps)
    default: self
    }
  }

  fileprivate func narrowed(by divisor: Int) -> LayerDescription {
    func narrow(_ width: Width) -> Width {
      guard case .count(let count) = width else { return width }
      return .count(max(1, count / divisor))
    }
    switch self {
    case .convolution(
      let width, let kernel, let stride, let padding, let dilation, let groups, let bias):
      return .convolution(
        narrow(width), kernel: kernel, stride: stride, padding: padding, dilation: dilation,
        groups: groups, bias: bias)
    case .transposedConvolution(
      let width, let kernel, let stride, let padding, let outputPadding, let bias, let bilinear):
      return .transposedConvolution(
        narrow(width), kernel: kernel, stride: stride, padding: padding,
        outputPadding: outputPadding, bias: bias, bilinear: bilinear)
    case .linear(let width, let bias): return .linear(narrow(width), bias: bias)
    case .widening(let width, let stride): return .widening(narrow(width), stride: stride)
    default: return self
    }
  }
}

extension [PlannedLayer] {
  fileprivate func convolutional(_ window: inout Extent?) -> NetworkDescription {
    var entries: [NetworkDescription.Entry] = []
    for layer in self {
      let name = layer.name
      switch layer.layer {
      case .flatten where layer.input.size.count == 2:
        window = Extent(layer.input.size[0], layer.input.size[1])
      case .globalAveragePooling:
        window = 1
        entries.append(
          .init(
            name, .averagePooling(Extent(layer.input.size[0], layer.input.size[1]), stride: 1)))
      case .linear(let width, let bias):
        entries.append(.init(name, .convolution(width, kernel: window ?? 1, bias: bias)))
        window = 1
      case .sequence:
        entries.append(.init(name, .sequence(layer.parts[0].convolutional(&window))))
      default: entries.append(.init(name, layer.layer))
      }
    }
    return NetworkDescription(entries)
  }
}
