import ReelLayers
import ReelTensor
import ReelTestSupport
import ReelVision
import Testing

/// Blocks that are computed again on the way back.
@Suite struct RecomputationTests {
  private func step(
    _ network: ImageNetwork, _ images: Tensor
  ) -> (loss: Float, gradients: Gradients, statistics: BatchStatistics?) {
    var statistics: BatchStatistics? = BatchStatistics()
    var generator: RandomGenerator? = RandomGenerator(seed: 4)
    let labels = (0..<images.shape[0]).map { Int32($0 % network.classes) }
    let (loss, gradients) = valueAndGradient(of: network) { network in
      crossEntropy(network(images, statistics: &statistics, using: &generator), labels)
    }
    return (loss.scalar, gradients, statistics)
  }

  /// The same loss, gradients and statistics to the last bit, dropout included.
  @Test func changesNothing() throws {
    var architecture = Architecture.resNetCIFAR(depth: 14, widths: [4, 8, 12])
    // Dropout inside the blocks: the second pass must drop the same values.
    architecture.layers = NetworkDescription(
      architecture.layers.entries.map { entry in
        guard case .sequence(let blocks) = entry.layer else { return entry }
        return .init(
          entry.name,
          .sequence(
            NetworkDescription(
              blocks.entries.map { block in
                guard case .residual(let body, let shortcut, let scale, let then) = block.layer
                else { return block }
                return .init(
                  block.name,
                  .residual(
                    body + ["drop": .dropout(0.3)], shortcut: shortcut, scale: scale, then: then))
              })))
      })
    var network = try SmallNetworks.make(architecture)
    var generator = RandomGenerator(seed: 6)
    let images = generator.normal(shape: [3, 3, 16, 16])
    let plain = step(network, images)
    for blocks in [1, 2, 5] {
      network.recomputedBlocks = blocks
      let again = step(network, images)
      #expect(again.loss == plain.loss)
      for (a, b) in zip(again.gradients.entries, plain.gradients.entries) {
        let expected = DoubleTensor(try #require(b.gradient).tensor)
        #expect(
          difference(try #require(a.gradient).tensor, expected, tolerance: 1e-6, what: a.path)
            == nil)
      }
      var (first, second) = (network, network)
      first.update(with: plain.statistics)
      second.update(with: again.statistics)
      for (a, b) in zip(first.buffers, second.buffers) {
        #expect(bits(a.tensor) == bits(b.tensor), "\(a.path)")
      }
    }
  }

  /// 1,202 layers: one training step of eight images. Keeping everything takes 700 MiB; parameters'
  /// gradients alone are 74. In a process of its own, where nobody else uses memory.
  @Test func veryDeep() async {
    await #expect(processExitsWith: .success) {
      var generator = RandomGenerator(seed: 8)
      var network = try ImageNetwork(.resNetCIFAR1202, using: &generator)
      network.recomputedBlocks = 10
      let images = generator.normal(shape: [8, 3, 32, 32])
      let before = MemoryPool.statistics.bytesInUse
      MemoryPool.resetPeak()
      var statistics: BatchStatistics? = BatchStatistics()
      var none: RandomGenerator?
      let (loss, gradients) = valueAndGradient(of: network) { network in
        crossEntropy(
          network(images, statistics: &statistics, using: &none), [0, 1, 2, 3, 4, 5, 6, 7])
      }
      let peak = MemoryPool.statistics.peakBytes - before
      #expect(loss.scalar.isFinite)
      #expect(gradients.entries.allSatisfy { $0.gradient != nil })
      network.update(with: statistics)
      #expect(peak < 150 << 20, "\(peak >> 20) MiB")
    }
  }
}
