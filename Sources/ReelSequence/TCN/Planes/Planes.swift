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
}
