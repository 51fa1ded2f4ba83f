import CReelKernels

/// The gradient of a convolution in its input where that has few channels.
///
/// Gathered like a convolution, the result would be so narrow that most of each vector is empty. So
/// each row's gradient is multiplied with all taps at once, [outputs] to [taps·channels], and the
/// products are added where they belong: those of one line in one piece.
struct ScatteredTaps: @unchecked Sendable {
  private let layout: JoinedLayout
  private let outputs: Int
  /// The weights as a packed right operand [outputs, taps·channels].
  private let packed: Storage

  /// Channels up to which this is the faster way, and items that there should be: each is taken by
  /// one thread.
  private static let (mostChannels, fewestItems) = (8, 8)
  private static let stretch = 112

  /// nil where the other way is the better one.
  ///
  /// - Parameter weight: [outputs, channels, taps…]
  init?(_ table: TapTable, repeats: Int, weight: Tensor) {
    let (outputs, channels) = (weight.shape[0], weight.shape[1])
    guard channels <= Self.mostChannels, repeats >= Self.fewestItems,
      let layout = JoinedLayout(table, channels: channels, outputs: outputs)
    else { return nil }
    (self.layout, self.outputs) = (layout, outputs)
    let (taps, depth) = (table.taps, table.taps * channels)
    // [output, channel, tap] to [output, tap, channel].
    let turned = Storage(count: weight.count)
    for output in 0..<outputs {
      kernels.transpose(
        channels, taps, weight.storage.pointer + output * depth, taps,
        turned.pointer + output * depth, channels)
    }
    packed = Storage(count: kernels.packed_count(outputs, depth))
    kernels.pack(outputs, depth, turned.pointer, depth, false, packed.pointer)
    withExtendedLifetime(turned) {}
  }

  /// - Parameters:
  ///   - dy: [repeats·outputRows, outputs]
  ///   - dx: receives [repeats·inputRows, channels].
  func multiply(
    _ repeats: Int, _ dy: UnsafePointer<Float>, into dx: UnsafeMutablePointer<Float>
  ) {
    let (dy, dx) = (Shared(dy), Shared(dx))
    let itemCount = layout.lines * layout.input * layout.stride
    Threads.forEachFlushingDenormals(repeats) { item in
      let from = dy.pointer + item * layout.table.outputRows * outputs
      let to = dx.pointer + item * itemCount
      if layout.isInside {
        scatter(from, to: to, count: itemCount)
      } else {
        let lines = Storage(count: layout.lines * layout.line * layout.stride)
        scatter(from, to: lines.pointer, count: lines.count)
        withoutZeros(lines.pointer, into: to)
        withExtendedLifetime(lines) {}
      }
    }
  }

  /// One item, into lines with their zeros.
  private func scatter(
    _ dy: UnsafePointer<Float>, to lines: UnsafeMutablePointer<Float>, count: Int
  ) {
    lines.update(repeating: 0, count: count)
    let (rows, taps) = (layout.table.outputRows, layout.table.taps)
    let depth = taps * layout.channels
    let products = Storage(count: min(rows, Self.stretch) * depth)
    for start in stride(from: 0, to: rows, by: Self.stretch) {
      let part = start..<min(rows, start + Self.stretch)
      kernels.multiply_packed(
        part.count, depth, outputs, dy + start * outputs, outputs, packed.pointer,
        products.pointer, depth, false)
      layout.table.withSources(of: part) { sources, _ in
        kernels.add_runs(
          part.count, taps, layout.channels, products.pointer, sources, lines, layout.stride)
      }
    }
    withExtendedLifetime(products) {}
  }

  /// The positions of each line that the input has; those that nobody read get 0.
  private func withoutZeros(
    _ lines: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>
  ) {
    let unread = min(max(0, -layout.lead), layout.input)
    let skipped = max(0, layout.lead)
    let copied = max(0, min(layout.input - unread, layout.line - skipped))
    for line in 0..<layout.lines {
      var place = target + line * layout.input * layout.stride
      place.update(repeating: 0, count: unread * layout.stride)
      place += unread * layout.stride
      place.update(
        from: lines + (line * layout.line + skipped) * layout.stride,
        count: copied * layout.stride)
      place += copied * layout.stride
      place.update(
        repeating: 0, count: (layout.input - unread - copied) * layout.stride)
    }
  }
}
