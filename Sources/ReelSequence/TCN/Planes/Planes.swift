import ReelLayers
import ReelTensor

/// How the blocks of a TCN hold a batch between them: as planes, one row for each channel, whose
/// columns are the time steps in the layout's order.
///
/// Steps side by side fill a vector whatever the number of channels is, and a tap of a convolution is
/// the same plane from another column on. A plane is a tensor of rank 1 on the graph: the planes and
/// some room behind them, which kernels may read and nobody looks at.
enum Planes {
  /// Floats of the widest vector, of any processor; so many may be read behind the last plane.
  static let widestVector = 16

  /// Floats between two planes. Never a multiple of a large power of two: the same column of all
  /// planes would share a few sets of the cache.
  static func stride(columns: Int) -> Int {
    var lines = (columns + 15) / 16 | 1
    if lines > 64, lines % 64 == 1 || lines % 64 == 63 { lines += 2 }
    return lines * 16
  }

  /// Planes of any values.
  static func make(channels: Int, columns: Int) -> Tensor {
    let count = count(channels: channels, columns: columns)
    return Tensor(shape: [count], storage: Storage(count: count))
  }

  /// Floats of a batch as planes.
  static func count(channels: Int, columns: Int) -> Int {
    channels * stride(columns: columns) + widestVector
  }

  /// Columns that one thread turns round at a time.
  private static let turned = 1024

  /// Rows [columns, channels] as planes, recorded.
  static func from(_ rows: Tensor) -> Tensor {
    let (columns, channels) = (rows.shape[0], rows.shape[1])
    return record(turn(rows, columns: columns, channels: channels), from: [rows]) { gradient in
      [.dense(turnBack(gradient, columns: columns, channels: channels))]
    }
  }

  /// Planes as rows [columns, channels], recorded.
  static func rows(_ planes: Tensor, columns: Int, channels: Int) -> Tensor {
    record(turnBack(planes, columns: columns, channels: channels), from: [planes]) { gradient in
      [.dense(turn(gradient, columns: columns, channels: channels))]
    }
  }

  private static func turn(_ rows: Tensor, columns: Int, channels: Int) -> Tensor {
    let planes = make(channels: channels, columns: columns)
    let (source, target) = (Shared(rows.storage.pointer), Shared(planes.storage.pointer))
    let stride = stride(columns: columns)
    Threads.forEachRange(of: columns, size: turned) { range in
      kernels.transpose(
        range.count, channels, source.pointer + range.lowerBound * channels, channels,
        target.pointer + range.lowerBound, stride)
    }
    withExtendedLifetime(rows) {}
    return planes
  }

  private static func turnBack(_ planes: Tensor, columns: Int, channels: Int) -> Tensor {
    let rows = Tensor(
      shape: [columns, channels], storage: Storage(count: columns * channels))
    let (source, target) = (Shared(planes.storage.pointer), Shared(rows.storage.pointer))
    let stride = stride(columns: columns)
    Threads.forEachRange(of: columns, size: turned) { range in
      kernels.transpose(
        channels, range.count, source.pointer + range.lowerBound, stride,
        target.pointer + range.lowerBound * channels, channels)
    }
    withExtendedLifetime(planes) {}
    return rows
  }
}
