import CReelKernels

/// Convolutions in which each channel meets only itself.
enum DepthwiseProduct {
  static func multiply(
    _ table: TapTable, repeats: Int, _ x: UnsafePointer<Float>, weight: Tensor,
    _ target: TapProduct.Target
  ) {
    let (channels, taps) = (target.columns, table.taps)
    // [channel, tap] to [tap, channel].
    let ordered = Storage(count: weight.count)
    kernels.transpose(
      channels, taps, weight.storage.pointer, taps, ordered.pointer, channels)
    let rows = repeats * table.outputRows
    let size = TapProduct.blockRows(rows, columns: channels)
    let x = Shared(x)
    Threads.forEachFlushingDenormals((rows + size - 1) / size) { block in
      let range = block * size..<min(rows, (block + 1) * size)
      table.withSources(of: range) { sources, firstRow in
        kernels.depthwise_taps(
          range.count, taps, channels, x.pointer + firstRow * channels, channels, sources, taps,
          ordered.pointer, target.bias, target.pointer + range.lowerBound * channels, channels)
      }
      target.finish(range)
    }
    withExtendedLifetime(ordered) {}
  }
}
