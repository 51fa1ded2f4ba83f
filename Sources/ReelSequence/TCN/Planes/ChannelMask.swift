import ReelLayers
import ReelTensor

/// Dropout factors of whole channels, one for each sequence and channel, as planes are multiplied with
/// them.
struct ChannelMask: Sendable {
  private let layout: SequenceLayout
  private let channels: Int
  /// [channels, period]: the factors of each sorted place, over again where all rows are equally
  /// long, so that many columns are multiplied at once.
  private let factors: Tensor
  private let period: Int

  /// Columns that one call multiplies at least, where the batch allows it.
  private static let stretch = 512

  /// - Parameter mask: [batch, channels] in the caller's order.
  init(_ mask: Tensor, _ layout: SequenceLayout) {
    self.layout = layout
    let batch = layout.batch
    let channels = mask.shape[1]
    let isUniform = layout.active.last == batch
    let period = isUniform && batch > 0 ? max(1, Self.stretch / batch) * batch : batch
    self.channels = channels
    self.period = period
    factors = Tensor.build(shape: [channels, period]) { target in
      mask.withUnsafeValues { source in
        for column in 0..<period {
          let row = layout.order[column % batch] * channels
          for channel in 0..<channels { target[channel * period + column] = source[row + channel] }
        }
      }
    }
  }

  /// Multiplies some columns of planes, in place. `planes` is the first channel at the first of them.
  func multiply(
    _ planes: UnsafeMutablePointer<Float>, stride: Int, columns: Range<Int>
  ) {
    let factors = factors.storage.pointer
    var column = columns.lowerBound
    let isUniform = layout.active.last == layout.batch
    var time = isUniform ? 0 : layout.time(ofColumn: column)
    while column < columns.upperBound {
      let (place, end): (Int, Int)
      if isUniform {
        (place, end) = (column % period, column + period - column % period)
      } else {
        (place, end) = (column - layout.offsets[time], layout.offsets[time + 1])
        time += 1
      }
      let count = min(end, columns.upperBound) - column
      for channel in 0..<channels {
        let values = planes + channel * stride + column - columns.lowerBound
        kernels.multiply(count, values, factors + channel * period + place, values)
      }
      column += count
    }
    withExtendedLifetime(self.factors) {}
  }
}

extension SequenceLayout {
  /// The time of a stored row: the last one that begins at or before it.
  fileprivate func time(ofColumn column: Int) -> Int {
    var (low, high) = (0, longest)
    while high - low > 1 {
      let middle = (low + high) / 2
      if offsets[middle] <= column { low = middle } else { high = middle }
    }
    return low
  }
}
