import ReelLayers
import ReelTensor

/// The parameters of one dilated convolution over time: W = g·v / ‖v‖ for each output channel
/// (Salimans and Kingma 2016), and a bias.
///
/// Shapes: `weight_v` [out, in, k], `weight_g` [out, 1, 1], `bias` [out]. Tap k − 1 is the newest.
struct TemporalConvolution: Module {
  var bias: Tensor
  var gain: Tensor
  var direction: Tensor

  /// Weights and bias uniform up to 1/√(in·k), as PyTorch starts a `Conv1d`; g is ‖v‖.
  init(_ input: Int, _ output: Int, kernel: Int, using generator: inout RandomGenerator) {
    let bound = 1 / Float(input * kernel).squareRoot()
    direction = generator.uniform(shape: [output, input, kernel], in: -bound...bound)
    gain = direction.reshaped([output, input * kernel]).squared().sum(axis: 1).squareRoot()
      .reshaped([output, 1, 1])
    bias = generator.uniform(shape: [output], in: -bound...bound)
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    // PyTorch's order: a normalized weight is registered behind the bias.
    visitor.visit("bias", &bias)
    visitor.visit("weight_g", &gain)
    visitor.visit("weight_v", &direction)
  }

  /// [out, in, k], recorded.
  var weight: Tensor { direction.weightNormalized(gain: gain) }
}

/// One residual block: two convolutions of one dilation, each with ReLU and channel dropout, and a
/// shortcut around both.
///
///     h = dropout(relu(W₁ ∗ x + b₁))
///     y = relu(dropout(relu(W₂ ∗ h + b₂)) + shortcut(x))
///
/// The shortcut is x, or an affine map of each time step where the numbers of channels differ.
struct TemporalBlock: Module {
  var conv1: TemporalConvolution
  var conv2: TemporalConvolution
  /// [out, in, 1] and [out].
  var downsample: Downsample?

  struct Downsample: Module {
    var weight: Tensor
    var bias: Tensor

    /// Weights N(0, 0.01²) as in the reference code, the bias as PyTorch starts it.
    init(_ input: Int, _ output: Int, using generator: inout RandomGenerator) {
      let bound = 1 / Float(input).squareRoot()
      weight = generator.normal(shape: [output, input, 1], deviation: 0.01)
      bias = generator.uniform(shape: [output], in: -bound...bound)
    }

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("weight", &weight)
      visitor.visit("bias", &bias)
    }
  }

  init(_ input: Int, _ output: Int, kernel: Int, using generator: inout RandomGenerator) {
    conv1 = TemporalConvolution(input, output, kernel: kernel, using: &generator)
    conv2 = TemporalConvolution(output, output, kernel: kernel, using: &generator)
    downsample = input == output ? nil : Downsample(input, output, using: &generator)
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("conv1", &conv1)
    visitor.visit("conv2", &conv2)
    visitor.visit("downsample", &downsample)
  }

  var outputSize: Int { conv1.bias.count }
}
