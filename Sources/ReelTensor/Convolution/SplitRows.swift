import CReelKernels

/// The rows that a convolution reads, in the bfloat16 parts that the processor multiplies: split
/// once, and read by every tap.
struct SplitRows: @unchecked Sendable {
  private let rows: SplitLeft
  private let products: reel_split_products
  /// Floats from row to row.
  let stride: Int

  /// Channels, and outputs, below which tiles would be mostly empty; rows of a result below which
  /// splitting the weights would not pay.
  private static let (fewestChannels, fewestRows) = (48, 48)
  /// Rows that one thread splits at a time.
  private static let stretch = 64

  /// Products of bfloat16 parts, where they are the faster way.
  static func products(
    rows: Int, inputs: Int, outputs: Int, groups: Int
  ) -> reel_split_products? {
    guard let splitProducts, groups == 1, rows >= fewestRows,
      min(inputs, outputs) >= fewestChannels
    else { return nil }
    return splitProducts
  }

  /// - Parameter x: [rows, channels].
  init(
    _ x: UnsafePointer<Float>, rows: Int, channels: Int, _ products: reel_split_products
  ) {
    self.products = products
    self.rows = SplitLeft(rows: rows, k: channels, products)
    stride = products.row_length(channels)
    let (source, target, stride) = (Shared(x), Shared(self.rows.storage.pointer), stride)
    Threads.forEachRange(of: rows, size: Self.stretch) { range in
      products.split_rows(
        range.count, channels, source.pointer + range.lowerBound * channels, channels,
        target.pointer + range.lowerBound * stride, stride)
    }
  }

  /// From channel `channel` on, a multiple of a tile's depth.
  func pointer(row: Int, channel: Int) -> UnsafePointer<Float> {
    UnsafePointer(rows.storage.pointer + row * stride + products.row_length(channel))
  }
}
