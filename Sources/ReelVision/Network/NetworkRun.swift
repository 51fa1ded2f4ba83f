import ReelLayers
import ReelTensor

/// One pass of images through a network: what it takes along, and what it leaves behind.
struct NetworkRun {
  var statistics: BatchStatistics?
  var generator: RandomGenerator?
  let image: FeatureMaps
  /// Maps that were kept under a name.
  var saved: [String: FeatureMaps] = [:]
  /// Paths of layers whose output is asked for.
  var wanted: Set<String> = []
  var found: [String: LayerValue] = [:]
  var runsAuxiliaries = false
  var auxiliaries: [(name: String, value: LayerValue)] = []
  /// Scores after each application of a recurrent part.
  var steps: [FeatureMaps] = []
  /// Paths at and under which nothing is trained.
  var frozen: [String] = []
  /// How many blocks in a row are recomputed together on the way back; nil: none.
  var recomputedBlocks: Int?

  /// What is still to be done with the result of a list of layers.
  struct Sum {
    let residual: FeatureMaps
    let then: Activation?
  }

  /// One layer after the other. A convolution does what follows it, a ReLU or at the end of the list a
  /// residual sum, in its own pass over the rows.
  mutating func apply(
    _ nodes: [NetworkNode], to input: LayerValue, sum: Sum? = nil
  ) -> LayerValue {
    var value = input
    var index = 0
    while index < nodes.count {
      let node = nodes[index]
      if case .convolution(let layer) = node.kind, !wanted.contains(node.path) {
        if index + 1 == nodes.count, let sum, sum.then == nil || sum.then == .relu {
          let epilogue = RowEpilogue(
            residual: sum.residual.values, rectifiedSum: sum.then == .relu)
          return .maps(layer(value.maps, epilogue))
        }
        if index + 1 < nodes.count, nodes[index + 1].isReLU {
          value = .maps(layer(value.maps, RowEpilogue(rectified: true)))
          note(nodes[index + 1], value)
          index += 2
          continue
        }
      }
      let blocks = blocksToRecompute(nodes, from: index)
      if blocks > 0 {
        value = recomputedBlocks(Array(nodes[index..<index + blocks]), value.maps)
        index += blocks
        continue
      }
      value = apply(node, to: value)
      note(node, value)
      index += 1
    }
    guard let sum else { return value }
    let total = LayerValue.maps(value.maps + sum.residual)
    return sum.then.map { total.map($0) } ?? total
  }

  private mutating func note(_ node: NetworkNode, _ value: LayerValue) {
    if wanted.contains(node.path) { found[node.path] = value }
  }

  private mutating func apply(_ node: NetworkNode, to x: LayerValue) -> LayerValue {
    switch node.kind {
    case .convolution(let layer): return .maps(layer(x.maps))
    case .transposedConvolution(let layer): return .maps(layer(x.maps))
    case .tableConvolution(let layer): return .maps(layer(x.maps))
    case .subsampling(let layer): return .maps(layer(x.maps))
    case .linear(let layer): return .vector(layer(x.vector))
    case .radialBasis(let layer): return .vector(layer(x.vector))
    case .batchNorm(let layer): return normalized(x, layer, isFrozen: isFrozen(node.path))
    case .parametricReLU(let layer):
      if case .maps(let maps) = x { return .maps(layer(maps)) }
      return .vector(layer(x.vector))
    case .fixed(let layer): return apply(layer, to: x)
    case .sequence(let nodes): return apply(nodes, to: x)
    case .residual(let body, let shortcut, let scale, let then):
      return residual(x, body, shortcut, scale, then)
    case .branches(let branches):
      var maps: [FeatureMaps] = []
      for branch in branches { maps.append(apply(branch, to: x).maps) }
      return .maps(.concatenated(maps))
    case .join(let name, let through, let crop, let join):
      return .maps(joined(x.maps, apply(through, to: .maps(kept(name))).maps, crop, join))
    case .auxiliary(let nodes):
      if runsAuxiliaries || wanted.contains(where: { $0.hasPrefix(node.path + ".") }) {
        let side = apply(nodes, to: x)
        if runsAuxiliaries { auxiliaries.append((node.path, side)) }
      }
      return x
    case .recurrent(let nodes, let steps): return .maps(recurrent(x.maps, nodes, steps))
    }
  }

  private mutating func normalized(
    _ x: LayerValue, _ layer: BatchNorm, isFrozen: Bool
  ) -> LayerValue {
    var none: BatchStatistics?
    switch x {
    case .maps(let maps):
      return .maps(
        isFrozen ? layer(maps, statistics: &none) : layer(maps, statistics: &statistics))
    case .vector(let tensor):
      return .vector(
        isFrozen ? layer(tensor, statistics: &none) : layer(tensor, statistics: &statistics))
    }
  }

  func isFrozen(_ path: String) -> Bool {
    frozen.contains { path == $0 || path.hasPrefix($0 + ".") }
  }

  private mutating func residual(
    _ x: LayerValue, _ body: [NetworkNode], _ shortcut: [NetworkNode], _ scale: Float,
    _ then: Activation?
  ) -> LayerValue {
    let side = shortcut.isEmpty ? x.maps : apply(shortcut, to: x).maps
    if scale == 1 { return apply(body, to: x, sum: Sum(residual: side, then: then)) }
    let main = apply(body, to: x).maps.mapPositions { $0 * scale }
    let total = LayerValue.maps(main + side)
    return then.map { total.map($0) } ?? total
  }

  func kept(_ name: String) -> FeatureMaps {
    if name == "input" { return image }
    guard let maps = saved[name] else {
      preconditionFailure("nothing was kept as \"\(name)\"")
    }
    return maps
  }

  private func joined(
    _ x: FeatureMaps, _ kept: FeatureMaps, _ crop: Crop, _ join: JoinDescription
  ) -> FeatureMaps {
    let side =
      switch crop {
      case .none: kept
      case .center: kept.centerCropped(to: x.size)
      case .offset(let offset): kept.cropped(from: [offset, offset], size: x.size)
      }
    return join == .sum ? side + x : .concatenated([side, x])
  }

  /// The network on the image and its own last output, several times.
  private mutating func recurrent(
    _ x: FeatureMaps, _ nodes: [NetworkNode], _ times: Int
  ) -> FeatureMaps {
    var state: FeatureMaps?
    for _ in 0..<times {
      let last = state ?? zeros(like: x, channels: nodes.outputChannels ?? 1)
      let next = apply(nodes, to: .maps(.concatenated([x, last]))).maps
      steps.append(next)
      state = next
    }
    return state ?? x
  }

  func zeros(like x: FeatureMaps, channels: Int) -> FeatureMaps {
    FeatureMaps(
      values: Tensor(zeros: [x.values.shape[0], channels]), batch: x.batch, size: x.size)
  }
}

extension LayerValue {
  /// The vector; maps here are a mistake in the description that its plan would have found.
  var vector: Tensor {
    guard case .vector(let tensor) = self else {
      preconditionFailure("maps of shape \(shape) came where a vector is expected")
    }
    return tensor
  }
}

extension NetworkNode {
  var isReLU: Bool {
    if case .fixed(.activation(.relu)) = kind { return true }
    return false
  }

  /// A block that can be recomputed by itself: it neither keeps nor fetches maps.
  var isBlock: Bool {
    switch kind {
    case .residual(let body, let shortcut, _, _):
      return (body + shortcut).allSatisfy(\.isSelfContained)
    case .branches(let branches):
      return branches.allSatisfy { $0.allSatisfy(\.isSelfContained) }
    default: return false
    }
  }

  private var isSelfContained: Bool {
    switch kind {
    case .fixed(.save), .fixed(.crop), .join, .auxiliary, .recurrent: false
    case .sequence(let nodes): nodes.allSatisfy(\.isSelfContained)
    case .residual, .branches: isBlock
    default: true
    }
  }
}

extension [NetworkNode] {
  /// The number of channels that the last layer with weights puts out.
  var outputChannels: Int? {
    for node in reversed() {
      switch node.kind {
      case .convolution(let layer): return layer.outputChannels
      case .transposedConvolution(let layer): return layer.outputChannels
      case .sequence(let nodes): if let found = nodes.outputChannels { return found }
      default: continue
      }
    }
    return nil
  }
}
