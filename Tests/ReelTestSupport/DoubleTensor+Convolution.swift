/// A convolution's settings, one number for each axis.
package struct ConvolutionSettings: Sendable, Hashable {
  package var stride: [Int]
  package var dilation: [Int]
  package var before: [Int]
  package var after: [Int]
  package var groups: Int

  package init(
    stride: [Int], dilation: [Int], before: [Int], after: [Int], groups: Int = 1
  ) {
    (self.stride, self.dilation, self.before, self.after, self.groups) = (
      stride, dilation, before, after, groups
    )
  }
}

extension DoubleTensor {
  /// Every index of `shape`, row-major.
  private static func indices(_ shape: [Int]) -> [[Int]] {
    var result: [[Int]] = [[]]
    for length in shape { result = result.flatMap { start in (0..<length).map { start + [$0] } } }
    return result
  }

  /// Every (position of the input, position of the output, tap) that belong together, as offsets.
  private static func joined(
    input: [Int], output: [Int], kernel: [Int], _ settings: ConvolutionSettings
  ) -> [(input: Int, output: Int, tap: Int)] {
    var result: [(Int, Int, Int)] = []
    for (place, position) in indices(output).enumerated() {
      for (number, tap) in indices(kernel).enumerated() {
        var from: Int? = 0
        for axis in position.indices {
          let index =
            position[axis] * settings.stride[axis] + tap[axis] * settings.dilation[axis]
            - settings.before[axis]
          from = index < 0 || index >= input[axis] ? nil : from.map { $0 * input[axis] + index }
        }
        if let from { result.append((from, place, number)) }
      }
    }
    return result
  }

  /// The convolution of [batch, in, positions…] with weights [out, in/groups, kernel…].
  package func convolved(
    _ weight: DoubleTensor, _ bias: DoubleTensor?, _ settings: ConvolutionSettings
  ) -> DoubleTensor {
    let (input, kernel) = (Array(shape[2...]), Array(weight.shape[2...]))
    let output = input.indices.map { axis in
      (input[axis] + settings.before[axis] + settings.after[axis]
        - (kernel[axis] - 1) * settings.dilation[axis] - 1) / settings.stride[axis] + 1
    }
    let (outputs, within) = (weight.shape[0], weight.shape[1])
    let perGroup = max(1, outputs / settings.groups)
    let joined = Self.joined(input: input, output: output, kernel: kernel, settings)
    let (inputCount, outputCount) = (input.reduce(1, *), output.reduce(1, *))
    let taps = kernel.reduce(1, *)
    var result = DoubleTensor([shape[0], outputs] + output) { bias?.values[$0[1]] ?? 0 }
    for item in 0..<shape[0] {
      for channel in 0..<outputs {
        let to = (item * outputs + channel) * outputCount
        for c in 0..<within {
          let from = (item * shape[1] + channel / perGroup * within + c) * inputCount
          let weights = (channel * within + c) * taps
          for join in joined {
            result.values[to + join.output] +=
              weight.values[weights + join.tap] * values[from + join.input]
          }
        }
      }
    }
    return result
  }

  /// The transposed convolution of [batch, in, positions…] with weights [in, out/groups, kernel…]
  /// to `output` positions.
  package func transposedConvolved(
    _ weight: DoubleTensor, _ bias: DoubleTensor?, _ settings: ConvolutionSettings, output: [Int]
  ) -> DoubleTensor {
    let (input, kernel) = (Array(shape[2...]), Array(weight.shape[2...]))
    let (inputs, within) = (weight.shape[0], weight.shape[1])
    let perGroup = max(1, inputs / settings.groups)
    let joined = Self.joined(input: output, output: input, kernel: kernel, settings)
    let (inputCount, outputCount) = (input.reduce(1, *), output.reduce(1, *))
    let taps = kernel.reduce(1, *)
    let outputs = within * settings.groups
    var result = DoubleTensor([shape[0], outputs] + output) { bias?.values[$0[1]] ?? 0 }
    for item in 0..<shape[0] {
      for channel in 0..<inputs {
        let from = (item * inputs + channel) * inputCount
        for c in 0..<within {
          let to = (item * outputs + channel / perGroup * within + c) * outputCount
          let weights = (channel * within + c) * taps
          for join in joined {
            result.values[to + join.input] +=
              weight.values[weights + join.tap] * values[from + join.output]
          }
        }
      }
    }
    return result
  }
}
