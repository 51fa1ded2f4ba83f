import ReelLayers
import ReelTensor

/// Dropout factors of whole channels, one for each sequence and channel, as planes are multiplied with
/// them.
struct ChannelMask: Sendable {
  /// The factors of each sorted place, one row for each channel. A row goes on with its own beginning:
  /// a vector of columns may reach over the end of a time step.
  let factors: Tensor
  let period: Int
  let stride: Int

  /// - Parameter mask: [batch, channels] in the caller's order.
  init(_ mask: Tensor, _ layout: SequenceLayout) {
    let (batch, channels) = (layout.batch, mask.shape[1])
    let stride = batch + Planes.widestVector
    period = max(1, batch)
    self.stride = stride
    factors = Tensor.build(shape: [channels, stride]) { target in
      mask.withUnsafeValues { source in
        for place in 0..<(batch > 0 ? stride : 0) {
          let row = layout.order[place % batch] * channels
          for channel in 0..<channels { target[channel * stride + place] = source[row + channel] }
        }
      }
    }
  }
}
