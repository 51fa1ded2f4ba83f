import ReelLayers
import ReelTensor

/// Of the planes of a group the columns that `PlaneGroups.latest` keeps; the others have a gradient of 0.
struct PlaneSubsampling: Sendable {
  /// Columns that lie one after the other in a plane and in a subsampled one.
  private struct Run: Sendable {
    let source: Int
    let target: Int
    var count: Int
  }

  private let runs: [Run]
  private let channels: Int
  /// Columns of a plane, and of a subsampled one.
  private let columns: (whole: Int, part: Int)

  /// - Parameters:
  ///   - layout: of a group.
  ///   - kept: its time steps at multiples of `step` from each sequence's last, as many as are kept.
  init(_ layout: SequenceLayout, kept: SequenceLayout, every step: Int, channels: Int) {
    var runs: [Run] = []
    for (target, row) in layout.rows(of: kept, every: step).enumerated() {
      if let last = runs.last, last.source + last.count == Int(row) {
        runs[runs.count - 1].count += 1
      } else {
        runs.append(Run(source: Int(row), target: target, count: 1))
      }
    }
    self.runs = runs
    self.channels = channels
    columns = (layout.total, kept.total)
  }

  /// The subsampled planes.
  func forward(_ planes: Tensor) -> Tensor {
    let result = Planes.make(channels: channels, columns: columns.part)
    forEachRun(planes, result) { run, whole, part in
      (part + run.target).update(from: whole + run.source, count: run.count)
    }
    return result
  }

  /// The gradient in the planes.
  func backward(_ gradient: Tensor) -> Tensor {
    let result = Tensor(zeros: [Planes.count(channels: channels, columns: columns.whole)])
    forEachRun(result, gradient) { run, whole, part in
      (whole + run.source).update(from: part + run.target, count: run.count)
    }
    return result
  }

  /// Calls `body` with each run of each channel, and the beginnings of the channel's two planes.
  private func forEachRun(
    _ whole: Tensor, _ part: Tensor,
    _ body: @Sendable (Run, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let places = (Shared(whole.storage.pointer), Shared(part.storage.pointer))
    let strides = (Planes.stride(columns: columns.whole), Planes.stride(columns: columns.part))
    Threads.forEach(channels) { channel in
      let (whole, part) = (
        places.0.pointer + channel * strides.0, places.1.pointer + channel * strides.1
      )
      for run in runs { body(run, whole, part) }
    }
    withExtendedLifetime((whole, part)) {}
  }
}
