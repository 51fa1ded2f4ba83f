import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import Testing

@Suite struct EncoderConfigurationTests {
  private func json(_ configuration: EncoderConfiguration) throws -> [String: Any] {
    let data = try JSONEncoder().encode(configuration)
    return try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func kindsAreNamedAsTheirCells() {
    #expect(
      EncoderKind.allCases.map(\.rawValue) == RecurrentCellKind.allCases.map(\.rawValue) + ["tcn"])
    for kind in EncoderKind.allCases { #expect(EncoderKind(rawValue: kind.rawValue) == kind) }
    #expect(EncoderKind(rawValue: "gpt") == nil)
    #expect(EncoderKind.gru.recurrentCell == .gru && EncoderKind.tcn.recurrentCell == nil)
  }

  /// A file from before TCNs, and that one written again.
  @Test func filesOfRecurrentNetworksStayAsTheyWere() throws {
    let old = """
      {"cell":"gru","directions":"forward","dropout":0.25,"hiddenSize":7,\
      "layers":2,"learnsInitialState":true,"recurrentDropout":0,"zoneout":0.5,"zoneoutCell":0}
      """
    let read = try JSONDecoder().decode(EncoderConfiguration.self, from: Data(old.utf8))
    var expected = EncoderConfiguration(
      cell: .gru, hiddenSize: 7, layers: 2, directions: .forward, dropout: 0.25)
    expected.zoneout = 0.5
    expected.learnsInitialState = true
    #expect(read == expected)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(String(decoding: try encoder.encode(read), as: UTF8.self) == old)
  }

  @Test func everySettingOfATCNIsInItsFile() throws {
    let configuration = EncoderConfiguration(
      cell: .tcn, hiddenSize: 9, layers: 3, directions: .forward, dropout: 0.5, kernelSize: 5,
      dilationBase: 3)
    let fields = try json(configuration)
    #expect(fields["cell"] as? String == "tcn")
    #expect(fields["kernelSize"] as? Int == 5 && fields["dilationBase"] as? Int == 3)
    let data = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(EncoderConfiguration.self, from: data) == configuration)
  }

  @Test(arguments: [RecurrentDirections.forward, .bidirectional])
  func whatATCNSees(_ directions: RecurrentDirections) {
    let configuration = EncoderConfiguration(
      cell: .tcn, hiddenSize: 6, layers: 4, directions: directions, kernelSize: 3)
    // Two convolutions a block, each 2·(1 + 2 + 4 + 8) steps back in all.
    #expect(configuration.receptiveField == 61)
    #expect(configuration.outputSize == 6 && configuration.featureDirections == .forward)
    var generator = RandomGenerator(seed: 1)
    let network = configuration.network(inputSize: 3, using: &generator)
    #expect(network.receptiveField == 61 && network.outputSize == 6)
    #expect(network.stateNames.isEmpty == (directions == .bidirectional))
    let lstm = EncoderConfiguration(hiddenSize: 6, directions: directions)
    #expect(lstm.receptiveField == nil && lstm.featureDirections == directions)
    #expect(lstm.outputSize == 6 * directions.count)
  }

  @Test func whatCannotBeIsSaidInOneLine() {
    func problem(_ change: (inout EncoderConfiguration) -> Void) -> String? {
      var configuration = EncoderConfiguration(cell: .tcn, hiddenSize: 8, layers: 2)
      change(&configuration)
      return configuration.problem
    }
    let ending = " for the cell 'tcn', which has no hidden state; a recurrent cell is expected"
    #expect(problem { _ in } == nil)
    #expect(
      problem { $0.directions = .backward }
        == "directions backward for the cell 'tcn'; forward (causal) or bidirectional (around each "
        + "time step) is expected")
    #expect(problem { $0.recurrentDropout = 0.5 } == "recurrent dropout 0.5" + ending)
    #expect(problem { $0.zoneout = 0.25 } == "zoneout 0.25" + ending)
    #expect(problem { $0.zoneoutCell = 0.25 } == "zoneout of the cell state 0.25" + ending)
    #expect(problem { $0.projectionSize = 4 } == "projection to 4" + ending)
    #expect(problem { $0.learnsInitialState = true } == "a learned initial state" + ending)
    for change: (inout EncoderConfiguration) -> Void in [
      { $0.kernelSize = 0 }, { $0.dilationBase = 0 }, { $0.hiddenSize = 0 }, { $0.layers = 0 },
      { $0.layers = -1 }, { $0.dropout = 1 }, { $0.layers = 64 },
    ] {
      let text = problem(change)
      #expect(text != nil && !(text ?? "").contains("\n"))
    }
    #expect(
      problem {
        $0.cell = .gru
        $0.kernelSize = 5
      } == "kernel size 5 for the cell 'gru', which has none; the cell 'tcn' is expected")
    #expect(
      problem {
        $0.cell = .lstm
        $0.dilationBase = 4
      } == "dilation base 4 for the cell 'lstm', which has none; the cell 'tcn' is expected")
  }
}
