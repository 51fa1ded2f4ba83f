import ReelLayers
import ReelTensor

/// Makes the first state of a decoder from the last states of an encoder:
///
///     state_l = tanh(W_l·[forward; backward] + b_l)     without tanh for a cell state
///
/// where forward and backward are the final states of the encoder's layer l in both directions (of
/// its last layer, where the decoder has more). A component that the encoder lacks is made from its
/// first one.
///
/// Parameters: `maps.0`, `maps.1` …: each layer's components one after the other, [H, D·H_encoder].
public struct DecoderBridge: Module {
  var maps: [Linear]
  private let components: Int
  private let encoderComponents: Int
  private let encoderLayers: Int
  private let directions: Int

  /// - Parameters:
  ///   - encoderSizes: features of each component of the encoder's state, two of an LSTM.
  ///   - components: those of the decoder's.
  public init(
    encoderLayers: Int, directions: Int, encoderSizes: [Int], layers: Int, size: Int,
    components: Int, using generator: inout RandomGenerator
  ) {
    self.components = components
    encoderComponents = encoderSizes.count
    self.encoderLayers = encoderLayers
    self.directions = directions
    maps = []
    for index in 0..<layers * components {
      let component = index % components
      let input = encoderSizes[component < encoderSizes.count ? component : 0]
      maps.append(Linear(directions * input, size, using: &generator))
    }
  }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("maps", &maps)
  }

  /// - Parameter state: the encoder's final state, each component [layers · directions, batch, H].
  /// - Returns: of each layer of the decoder its components, each [batch, size].
  public func callAsFunction(_ state: [Tensor]) -> [[Tensor]] {
    stride(from: 0, to: maps.count, by: components).map { first in
      let layer = min(first / components, encoderLayers - 1)
      return (0..<components).map { component in
        let source = state[component < encoderComponents ? component : 0]
        let ends = (0..<directions).map { direction in
          let index = layer * directions + direction
          return source.slice(index..<index + 1).reshaped(Array(source.shape.dropFirst()))
        }
        let mapped = maps[first + component](
          ends.count == 1 ? ends[0] : Tensor.concatenated(ends, axis: 1))
        return component == 0 ? mapped.tanh() : mapped
      }
    }
  }
}
