import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// A gradient is the same to the last bit whether everything is watched or nothing else: blocks below those
/// that somebody watches are read as in a prediction.
@Suite struct TCNWatchedPartsTests {
  private static let parts: [[String]] = [
    ["network.network.2.conv1.weight_v"], ["network.network.1."],
    ["network.network.0.", "network.network.2.conv2.bias"], ["network.network.0.downsample.bias"],
    ["input"], ["state.3"], ["state.0", "network.network.2."],
  ]
  /// Two groups, one, and ragged sequences.
  private static let batches = [
    [Int](repeating: 90, count: 32), [Int](repeating: 61, count: 16), (0..<9).map { 70 - $0 * 5 },
  ]

  @Test(arguments: parts, batches)
  func sameGradients(_ part: [String], _ lengths: [Int]) throws {
    for withState in [false, true] {
      let test = TCNCase(
        TCNConfiguration(inputSize: 5, channels: [20, 20, 33], kernelSize: 5, dropout: 0.2),
        lengths: lengths, withState: withState, seed: 91)
      let loss = TCNLoss(test, seed: 92)
      try compare(test, part) { model in
        let (output, state) = model(using: RandomGenerator(seed: 93))
        return loss(output, state)
      }
    }
  }

  @Test(arguments: parts, batches)
  func sameGradientsOfTheLastOutput(_ part: [String], _ lengths: [Int]) throws {
    let test = TCNCase(
      TCNConfiguration(inputSize: 5, channels: [20, 20, 33], kernelSize: 5, dropout: 0.2),
      lengths: lengths, seed: 94)
    try compare(test, part) { model in
      var generator: RandomGenerator? = RandomGenerator(seed: 95)
      let input = Sequences(model.input, lengths: lengths)
      return model.network.lastOutput(of: input, using: &generator).squared().sum()
    }
  }

  private func compare(
    _ test: TCNCase, _ part: [String], _ loss: (WatchedTCN) -> Tensor
  ) throws {
    let all = valueAndGradient(of: test.model) { loss($0) }
    let chosen = test.model.parameters.filter { entry in
      part.contains { entry.path.hasPrefix($0) }
    }
    let alone = valueAndGradient(at: chosen.map(\.tensor)) { watched in
      var model = test.model
      model.updateParameters { path, parameter in
        if let index = chosen.firstIndex(where: { $0.path == path }) { parameter = watched[index] }
      }
      return loss(model)
    }
    expectSameBytes(alone.value, all.value, "loss")
    for (entry, gradient) in zip(chosen, alone.gradients) {
      let expected = try #require(all.gradients[entry.path])
      expectSameBytes(try #require(gradient).tensor, expected.tensor, entry.path)
    }
  }
}
