import ReelFormats
import ReelLayers
import ReelSequence
import ReelTensor
import Testing

/// Outputs, final states and gradients equal those that PyTorch computes in Double: on asymmetric
/// weights, ragged lengths, two layers, both directions.
@Suite struct PyTorchParityTests {
  static let kinds: [(name: String, kind: RecurrentCellKind)] = [
    ("rnn_tanh", .rnn), ("rnn_relu", .rnnReLU), ("gru", .gru), ("lstm", .lstm),
  ]
  static let settings = ["2_layers", "2_layers_bidirectional", "1_layer_no_state"]

  @Test(arguments: kinds.map(\.name), settings)
  func outputsStatesAndGradients(_ kindName: String, _ setting: String) throws {
    let kind = try #require(Self.kinds.first { $0.name == kindName }?.kind)
    try expectParity(
      kind, setting, with: Fixture("recurrent.safetensors")(case: "\(kindName)_\(setting)"))
  }

  /// `torch.nn.LSTM(proj_size:)`.
  @Test(arguments: settings)
  func projection(_ setting: String) throws {
    try expectParity(
      .lstm, setting, projectionSize: 2,
      with: Fixture("projection.safetensors")(case: "lstm_\(setting)"))
  }

  private func expectParity(
    _ kind: RecurrentCellKind, _ setting: String, projectionSize: Int? = nil,
    with expected: FixtureCase
  ) throws {
    let input = try expected("input")
    var generator = RandomGenerator(seed: 1)
    var network = RecurrentNetwork(
      kind,
      RecurrentConfiguration(
        inputSize: input.shape[2], hiddenSize: 4, layers: setting.hasPrefix("2") ? 2 : 1,
        directions: setting.hasSuffix("bidirectional") ? .bidirectional : .forward,
        projectionSize: projectionSize),
      using: &generator)
    try network.load(expected.group("parameter"))
    let initial = ["h0", "c0"].compactMap { expected.tensors[$0] }
    let model = WatchedNetwork(
      network: network, input: input, lengths: try expected.integers("lengths"), state: initial)

    let outputWeight = try expected("output_weight")
    let stateNames = network.stateNames.count == 2 ? ["hn", "cn"] : ["hn"]
    let stateWeights = try stateNames.map { try expected("\($0)_weight") }
    let (loss, extra, gradients) = valueAndGradient(of: model) { model in
      let (output, state) = model()
      let padded = output.padded()
      var loss = (padded * outputWeight).sum()
      for (state, weight) in zip(state, stateWeights) { loss = loss + (state * weight).sum() }
      return (loss, (padded, state))
    }

    expectClose(extra.0, try expected("output"), "output")
    for (name, state) in zip(stateNames, extra.1) { expectClose(state, try expected(name), name) }
    expectClose(loss, try expected("loss"), "loss")
    for (name, gradient) in expected.group("gradient") {
      let path =
        switch name {
        case "input": "input"
        case "h0": "state.0"
        case "c0": "state.1"
        default: "network.\(name)"
        }
      expectClose(gradients[path]?.tensor, gradient, "gradient of \(name)")
    }
    #expect(expected.group("gradient").count == gradients.entries.count)
  }
}
