import ReelLayers
import ReelTensor

/// Blocks that are computed again on the way back.
extension NetworkRun {
  /// How many layers from `index` on are recomputed as one part; 0 where this one is not.
  func blocksToRecompute(_ nodes: [NetworkNode], from index: Int) -> Int {
    guard let limit = recomputedBlocks else { return 0 }
    var count = 0
    while count < limit, index + count < nodes.count {
      let node = nodes[index + count]
      guard node.isBlock, !isWanted(node.path) else { break }
      count += 1
    }
    return count
  }

  private func isWanted(_ path: String) -> Bool {
    wanted.contains { $0 == path || $0.hasPrefix(path + ".") }
  }

  mutating func recomputedBlocks(_ nodes: [NetworkNode], _ x: FeatureMaps) -> LayerValue {
    let (batch, size) = (x.batch, x.size)
    let (image, frozen) = (image, frozen)
    let (values, after) = recomputed(
      x.values, NodeList(nodes: nodes), statistics: &statistics, using: &generator
    ) { list, rows, statistics, generator in
      var run = NetworkRun(statistics: statistics, generator: generator, image: image)
      run.frozen = frozen
      let result = run.apply(
        list.nodes, to: .maps(FeatureMaps(values: rows, batch: batch, size: size))
      ).maps
      (statistics, generator) = (run.statistics, run.generator)
      return (result.values, result.size)
    }
    return .maps(FeatureMaps(values: values, batch: batch, size: after))
  }
}

/// Layers in a row as a module.
private struct NodeList: Module {
  var nodes: [NetworkNode]
  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    nodes.visit(&visitor)
  }
}
