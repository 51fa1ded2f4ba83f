import ReelLayers
import ReelTensor

// The histories of the convolutions: [batch, (k − 1)·d, channels] in a state, planes with the columns
// step · batch + place in the blocks.

extension TemporalWindow {
  /// A component of a state as planes, recorded.
  func planes(ofHistory history: Tensor) -> Tensor {
    let (batch, steps, channels) = (history.shape[0], history.shape[1], history.shape[2])
    let sorted =
      layout.isInOrder
      ? history
      : history.reshaped([batch, steps * channels])
        .gatheredRows(layout.order.map { Int32($0) })
    let columns = steps * batch
    let shape = sorted.shape
    let stride = Planes.stride(columns: columns)
    let planes = Planes.make(channels: channels, columns: columns)
    let (source, target) = (Shared(sorted.storage.pointer), Shared(planes.storage.pointer))
    Threads.forEach(steps) { step in
      kernels.transpose(
        batch, channels, source.pointer + step * channels, steps * channels,
        target.pointer + step * batch, stride)
    }
    withExtendedLifetime(sorted) {}
    return record(planes, from: [sorted]) { gradient in
      let result = Tensor(shape: shape, storage: Storage(count: batch * steps * channels))
      let (source, target) = (Shared(gradient.storage.pointer), Shared(result.storage.pointer))
      Threads.forEach(steps) { step in
        kernels.transpose(
          channels, batch, source.pointer + step * batch, stride,
          target.pointer + step * channels, steps * channels)
      }
      withExtendedLifetime(gradient) {}
      return [.dense(result)]
    }
  }

  /// The last (k − 1)·d inputs of each sequence after this batch, as a component of a state:
  /// [batch, (k − 1)·d, channels], recorded.
  ///
  /// - Parameters:
  ///   - values: planes of what the convolution has read.
  ///   - history: planes of what it read before; nil: zeros.
  func history(after values: Tensor, _ history: Tensor?, channels: Int) -> Tensor {
    let (batch, steps) = (layout.batch, historyLength)
    let stride = Planes.stride(columns: layout.total)
    let historyStride = Planes.stride(columns: steps * batch)
    // For each place and step a column of the values, −1 − a column of the history, or nothing.
    let nothing = Int.min
    var columns = [Int](repeating: nothing, count: batch * steps)
    for (place, row) in layout.order.enumerated() {
      for step in 0..<steps {
        let time = layout.lengths[row] - steps + step
        if time >= 0 {
          columns[row * steps + step] = layout.offsets[time] + place
        } else if history != nil {
          columns[row * steps + step] = -1 - ((steps + time) * batch + place)
        }
      }
    }
    let result = Tensor(
      shape: [batch, steps, channels], storage: Storage(count: batch * steps * channels))
    let (source, earlier) = (values.storage, history?.storage)
    let target = Shared(result.storage.pointer)
    let places = columns
    Threads.forEachRange(of: places.count, size: max(1, (1 << 14) / max(channels, 1))) { range in
      for index in range {
        let column = places[index]
        let to = target.pointer + index * channels
        if column >= 0 {
          for channel in 0..<channels { to[channel] = source.pointer[channel * stride + column] }
        } else if let earlier, column != nothing {
          for channel in 0..<channels {
            to[channel] = earlier.pointer[channel * historyStride - 1 - column]
          }
        } else {
          to.update(repeating: 0, count: channels)
        }
      }
    }
    withExtendedLifetime((values, history)) {}
    let counts = (values.count, history?.count)
    return record([result], from: [values, history]) { gradients in
      guard let gradient = gradients[0] else { return [] }
      // Every column is read once at most.
      let inValues = Tensor(zeros: [counts.0])
      let inHistory = counts.1.map { Tensor(zeros: [$0]) }
      for (index, column) in places.enumerated() where column != nothing {
        let from = gradient.storage.pointer + index * channels
        if column >= 0 {
          for channel in 0..<channels {
            inValues.storage.pointer[channel * stride + column] = from[channel]
          }
        } else if let inHistory {
          for channel in 0..<channels {
            inHistory.storage.pointer[channel * historyStride - 1 - column] = from[channel]
          }
        }
      }
      withExtendedLifetime(gradient) {}
      return [.dense(inValues), inHistory.map { .dense($0) }]
    }[0]
  }
}
