import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct TCNConfigurationTests {
  static let good = TCNConfiguration(inputSize: 3, channels: [4, 4, 6])

  @Test func problems() {
    #expect(Self.good.problem == nil)
    func problem(_ change: (inout TCNConfiguration) -> Void) -> String? {
      var configuration = Self.good
      change(&configuration)
      return configuration.problem
    }
    #expect(problem { $0.inputSize = 0 } == "input size 0, at least 1 is expected")
    #expect(
      problem { $0.channels = [] }
        == "channels [], at least one block of at least 1 channel is expected")
    #expect(problem { $0.channels = [4, 0] }?.contains("[4, 0]") == true)
    #expect(problem { $0.kernelSize = 0 }?.contains("kernel 0") == true)
    #expect(problem { $0.dilationBase = -2 }?.contains("dilation base -2") == true)
    #expect(problem { $0.dropout = 1 } == "dropout 1.0, at least 0 and below 1 is expected")
    #expect(problem { $0.dropout = .nan } != nil)
    // Sizes of a file whose powers would overflow.
    #expect(problem { $0.channels = [Int](repeating: 1, count: 80) }?.contains("80 blocks") == true)
    #expect(problem { $0.kernelSize = .max } != nil)
    #expect(problem { $0.dilationBase = .max } != nil)
    // With one tap nothing reaches anywhere.
    #expect(
      problem {
        $0.kernelSize = 1
        $0.channels = [1, 1, 1]
      } == nil)
  }

  @Test func coding() throws {
    var configuration = Self.good
    configuration.dropout = 0.25
    configuration.isCausal = false
    let data = try JSONEncoder().encode(configuration)
    #expect(try JSONDecoder().decode(TCNConfiguration.self, from: data) == configuration)
  }

  @Test func namesAndVisiting() {
    var generator = RandomGenerator(seed: 1)
    let network = TCN(Self.good, using: &generator)
    #expect(visitingProblems(of: network) == [])
    var expected: [String] = []
    for (block, (input, output)) in [(3, 4), (4, 4), (4, 6)].enumerated() {
      for (part, inputs) in [(1, input), (2, output)] {
        let path = "network.\(block).conv\(part)"
        expected += [
          "\(path).bias [\(output)]", "\(path).weight_g [\(output), 1, 1]",
          "\(path).weight_v [\(output), \(inputs), 3]",
        ]
      }
      if input != output {
        let path = "network.\(block).downsample"
        expected += ["\(path).weight [\(output), \(input), 1]", "\(path).bias [\(output)]"]
      }
    }
    #expect(network.parameters.map { "\($0.path) \($0.tensor.shape)" } == expected)
    #expect(
      network.stateNames == [
        "network.0.conv1.history", "network.0.conv2.history", "network.1.conv1.history",
        "network.1.conv2.history", "network.2.conv1.history", "network.2.conv2.history",
      ])
    #expect(
      network.zeroState(batch: 2).components.map(\.shape) == [
        [2, 2, 3], [2, 2, 4], [2, 4, 4], [2, 4, 4], [2, 8, 4], [2, 8, 6],
      ])
  }

  @Test func misuse() async {
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      _ = TCN(inputSize: 3, channels: [], using: &generator)
    }
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      _ = TCN(Self.good, using: &generator)(Sequences(Tensor(zeros: [2, 5, 4])))
    }
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      let network = TCN(Self.good, using: &generator)
      _ = network(Sequences(Tensor(zeros: [2, 5, 3])), state: network.zeroState(batch: 3))
    }
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      let network = TCN(inputSize: 3, channels: [4], isCausal: false, using: &generator)
      _ = TCNStepper(network)
    }
  }
}
