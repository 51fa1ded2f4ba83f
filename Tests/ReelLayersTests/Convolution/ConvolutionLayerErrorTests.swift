import ReelLayers
import ReelTensor
import Testing

/// Sizes that make no convolution are refused in one line that quotes them.
@Suite struct ConvolutionLayerErrorTests {
  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "nothing was thrown"
    } catch {
      return "\(error)"
    }
  }

  @Test func settings() {
    var generator = RandomGenerator(seed: 1)
    #expect(
      message { _ = try Convolution2D(3, 4, kernel: [3, 3], stride: [1, 0], using: &generator) }
        .contains("stride 0"))
    #expect(
      message { _ = try Convolution1D(3, 4, kernel: 0, using: &generator) }.contains("kernel 0"))
    #expect(
      message { _ = try Convolution1D(3, 4, kernel: 2, dilation: -1, using: &generator) }
        .contains("dilation -1"))
    #expect(
      message { _ = try Convolution2D(3, 4, kernel: [3], using: &generator) }
        == "kernel [3]: 2 expected, one for each axis")
    #expect(
      message {
        _ = try Convolution2D(3, 4, kernel: 3, padding: .both([1]), using: &generator)
      } == "padding [1]: numbers of at least 0 on 2 axes expected")
    #expect(
      message { _ = try Convolution3D(4, 6, kernel: 3, groups: 3, using: &generator) }
        == "3 groups do not divide 4 input and 6 output channels")
    #expect(
      message { _ = try Convolution3D(4, 6, kernel: 3, groups: 0, using: &generator) }
        .contains("0 groups"))
    #expect(
      message { _ = try Convolution1D(0, 6, kernel: 3, using: &generator) }
        == "0 input and 6 output channels: at least 1 of each expected")
    #expect(
      message {
        _ = try TransposedConvolution2D(
          2, 2, kernel: 3, stride: 2, outputPadding: 2, using: &generator)
      }.contains("output padding 2"))
    #expect(
      message {
        _ = try TransposedConvolution2D(
          2, 2, kernel: [3, 3], outputPadding: [0], using: &generator)
      }.contains("output padding [0]: 2 expected"))
  }

  @Test func givenWeights() {
    let weight = Tensor(zeros: [4, 3, 2])
    #expect(
      message { _ = try Convolution2D(weight: weight, bias: nil) }
        .contains("weight [4, 3, 2] of a convolution over 2 axes"))
    #expect(
      message { _ = try Convolution1D(weight: weight, bias: Tensor(zeros: [3])) }
        == "bias [3] and weight [4, 3, 2]: a bias of shape [4] expected")
    #expect(
      message { _ = try TransposedConvolution1D(weight: weight, bias: Tensor(zeros: [4])) }
        == "bias [4] and weight [4, 3, 2]: a bias of shape [3] expected")
  }

  @Test func inputs() throws {
    let layer = try Convolution2D(weight: Tensor(zeros: [4, 3, 3, 5]), bias: nil)
    let line = message { _ = try layer.outputSize([8, 4]) }
    #expect(line.contains("[8, 4]") && line.contains("[3, 5]"))
    #expect(try layer.outputSize([8, 5]) == [6, 1])
    #expect(try layer.outputShape([2, 3, 8, 5]) == [2, 4, 6, 1])
    #expect(
      message { _ = try layer.outputShape([2, 4, 8, 5]) }
        == "input [2, 4, 8, 5] and weight [4, 3, 3, 5]: 3 input channels expected, 4 came")
    #expect(
      message { _ = try layer.outputShape([2, 3, 8]) }
        == "input [2, 3, 8] and weight [4, 3, 3, 5]: an input of 4 axes expected")
    let small = message { _ = try layer.outputShape([2, 3, 8, 4]) }
    #expect(
      small.hasPrefix("input [2, 3, 8, 4] and weight [4, 3, 3, 5]: ")
        && small.contains("kernel 5 is larger than input 4") && !small.contains("\n"))
    let back = try TransposedConvolution1D(
      weight: Tensor(zeros: [4, 3, 2]), bias: nil, padding: .both([3]))
    #expect(try back.outputShape([1, 4, 7]) == [1, 3, 2])
    #expect(
      message { _ = try back.outputShape([1, 4, 5]) }.hasPrefix(
        "input [1, 4, 5] and weight [4, 3, 2]: "))
    #expect(
      message { _ = try back.outputShape([1, 3, 7]) }
        == "input [1, 3, 7] and weight [4, 3, 2]: 4 input channels expected, 3 came")
  }

  @Test func inputsThatDoNotFitEndTheProgram() async {
    await #expect(processExitsWith: .failure) {
      let layer = try Convolution2D(weight: Tensor(zeros: [4, 3, 3, 3]), bias: nil)
      _ = layer(Tensor(zeros: [1, 2, 5, 5]))
    }
    await #expect(processExitsWith: .failure) {
      let layer = try Convolution2D(weight: Tensor(zeros: [4, 3, 3, 3]), bias: nil)
      _ = layer(Tensor(zeros: [1, 3, 2, 5]))
    }
    await #expect(processExitsWith: .failure) {
      let layer = try Convolution2D(weight: Tensor(zeros: [4, 3, 3, 3]), bias: nil)
      _ = layer(Tensor(zeros: [1, 3, 5]))
    }
    await #expect(processExitsWith: .failure) {
      let layer = try Convolution1D(weight: Tensor(zeros: [4, 3, 3]), bias: nil)
      _ = layer(Sequences(Tensor(zeros: [1, 5, 2])))
    }
    await #expect(processExitsWith: .failure) {
      let layer = try TransposedConvolution1D(weight: Tensor(zeros: [4, 3, 3]), bias: nil)
      _ = layer(Tensor(zeros: [1, 3, 5]))
    }
  }
}
