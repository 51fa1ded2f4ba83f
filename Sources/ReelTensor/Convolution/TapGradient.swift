import CReelKernels

/// The gradient of a convolution in its weights.
package struct TapGradient: @unchecked Sendable {
  let table: TapTable
  let repeats: Int
  /// What the convolution read [repeats·inputRows, groups·inputs].
  let x: UnsafePointer<Float>
  /// The gradient that arrives [repeats·outputRows, groups·outputs].
  let dy: UnsafePointer<Float>
  /// Of the weights [out, in/groups, taps…].
  let shape: [Int]
  let groups: Int

  package init(
    table: TapTable, repeats: Int, x: UnsafePointer<Float>, dy: UnsafePointer<Float>,
    shape: [Int], groups: Int
  ) {
    (self.table, self.repeats, self.x, self.dy) = (table, repeats, x, dy)
    (self.shape, self.groups) = (shape, groups)
  }

  var outputs: Int { shape[0] / groups }
  var inputs: Int { shape[1] }
  var rows: Int { repeats * table.outputRows }
  /// Rows and columns of one group's gradient while it is summed: [tap, input, output].
  var height: Int { table.taps * inputs }
  /// From row to row of x and dy.
  var inputStride: Int { groups * inputs }
  var outputStride: Int { shape[0] }

  /// Floats of a gradient up to which each piece of rows has a sum of its own.
  private static let smallGradient = 1 << 16
  private static let mostPieces = 8
  /// Floats of a part of a larger gradient, and how many parts there are at least.
  private static let partFloats = 1 << 17
  private static let fewestParts = 6
  /// Rows that the kernel takes at a time.
  static let stretch = 112

  /// The rows of piece `piece` of `count`.
  private func piece(_ piece: Int, of count: Int) -> Range<Int> {
    piece * rows / count..<(piece + 1) * rows / count
  }

  /// d weight.
  package func weights() -> Tensor {
    if groups == 1, rows > 0,
      let planes = PlaneTaps(table, channels: inputs, outputs: outputs)
    {
      return planes.gradient(repeats, x, dy: dy, shape: shape)
    }
    let ordered = Storage(count: groups * height * outputs)
    ordered.pointer.update(repeating: 0, count: ordered.count)
    if ordered.count > 0 && rows > 0 {
      if inputs == 1 && outputs == 1 {
        sumPieces(into: ordered, addDepthwise)
        return Tensor(shape: shape, storage: turnedDepthwise(ordered))
      } else if let (grid, tiles) = table.winogradTiles(
        repeats: repeats, inputs: inputs, outputs: outputs, groups: groups)
      {
        WinogradGradient(
          grid: grid, tiles: tiles, repeats: repeats, x: x, dy: dy, inputs: inputs,
          outputs: outputs
        ).add(to: ordered.pointer)
      } else if groups == 1,
        let joined = JoinedTaps(table, repeats: repeats, x, channels: inputs, outputs: outputs)
      {
        sumPieces(into: ordered) { rows, sum in
          forEachStretch(of: rows) { part, packed in
            pack(part, 0, into: packed)
            joined.addGradient(part, outputs: outputs, packed, to: sum)
          }
        }
        withExtendedLifetime(joined) {}
      } else if height * outputs * groups <= Self.smallGradient {
        sumPieces(into: ordered, addProducts)
      } else {
        for group in 0..<groups { multiplyWide(group, into: ordered.pointer) }
      }
    }
    return Tensor(shape: shape, storage: turned(ordered))
  }

  /// Calls `add` for pieces of the rows, each with a sum of its own, and adds the sums in order.
  private func sumPieces(
    into sum: Storage, _ add: @Sendable (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let pieces = max(1, min(Self.mostPieces, rows / (2 * Self.stretch)))
    let count = sum.count
    let partial = Storage(count: pieces * count)
    let target = Shared(partial.pointer)
    Threads.forEachFlushingDenormals(pieces) { number in
      let place = target.pointer + number * count
      place.update(repeating: 0, count: count)
      add(piece(number, of: pieces), place)
    }
    for number in 0..<pieces {
      kernels.add(count, sum.pointer, partial.pointer + number * count, sum.pointer)
    }
    withExtendedLifetime(partial) {}
  }

  private func addDepthwise(_ rows: Range<Int>, to sum: UnsafeMutablePointer<Float>) {
    table.withSources(of: rows) { sources, firstRow in
      kernels.depthwise_turned_taps(
        rows.count, table.taps, groups, x + firstRow * groups, groups, sources, table.taps,
        dy + rows.lowerBound * groups, groups, sum)
    }
  }

  /// Calls `body` for the stretches of `rows` that the kernel takes at a time, with room for what one
  /// packs.
  private func forEachStretch(
    of rows: Range<Int>, _ body: (Range<Int>, UnsafeMutablePointer<Float>) -> Void
  ) {
    let packed = Storage(count: kernels.packed_count(Self.stretch, outputs))
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.stretch) {
      body(start..<min(rows.upperBound, start + Self.stretch), packed.pointer)
    }
    withExtendedLifetime(packed) {}
  }

  /// All groups and taps over `rows`.
  private func addProducts(_ rows: Range<Int>, to sum: UnsafeMutablePointer<Float>) {
    forEachStretch(of: rows) { part, packed in
      table.withSources(of: part) { sources, firstRow in
        for group in 0..<groups {
          pack(part, group, into: packed)
          multiply(
            part, packed, group: group, taps: 0..<table.taps, channels: 0..<inputs,
            sources: sources, firstRow: firstRow, into: sum + group * height * outputs)
        }
      }
    }
  }

  private func pack(_ rows: Range<Int>, _ group: Int, into packed: UnsafeMutablePointer<Float>) {
    kernels.pack(
      rows.count, outputs, dy + rows.lowerBound * outputStride + group * outputs, outputStride,
      false, packed)
  }

  /// Adds what `rows` give to the gradient of these taps and channels; `sources` are those of `rows`.
  private func multiply(
    _ rows: Range<Int>, _ packed: UnsafePointer<Float>, group: Int, taps: Range<Int>,
    channels: Range<Int>, sources: UnsafePointer<Int32>, firstRow: Int,
    into sum: UnsafeMutablePointer<Float>
  ) {
    let most = REEL_MOST_TAP_CHANNELS
    let input = x + firstRow * inputStride + group * inputs
    if channels.count == inputs && inputs <= most {
      kernels.multiply_turned_taps(
        rows.count, outputs, taps.count, inputs, input, inputStride, sources + taps.lowerBound,
        table.taps, packed, sum + taps.lowerBound * inputs * outputs, outputs, true)
      return
    }
    for tap in taps {
      for channel in stride(from: channels.lowerBound, to: channels.upperBound, by: most) {
        kernels.multiply_turned_taps(
          rows.count, outputs, 1, min(most, channels.upperBound - channel), input + channel,
          inputStride, sources + tap, table.taps, packed,
          sum + (tap * inputs + channel) * outputs, outputs, true)
      }
    }
  }

  /// A gradient too large for a sum of each piece: it is cut itself, into parts of the channels of
  /// each tap, and each part passes over all rows.
  private func multiplyWide(_ group: Int, into sums: UnsafeMutablePointer<Float>) {
    let sums = Shared(sums + group * height * outputs)
    let parts = channelParts
    let size = ((inputs + parts - 1) / parts + 7) / 8 * 8
    Threads.forEachFlushingDenormals(table.taps * parts) { index in
      let tap = index / parts
      let first = index % parts * size
      guard first < inputs else { return }
      let packed = Storage(count: kernels.packed_count(Self.stretch, outputs))
      for start in stride(from: 0, to: rows, by: Self.stretch) {
        let part = start..<min(rows, start + Self.stretch)
        pack(part, group, into: packed.pointer)
        table.withSources(of: part) { sources, firstRow in
          multiply(
            part, packed.pointer, group: group, taps: tap..<tap + 1,
            channels: first..<min(inputs, first + size), sources: sources, firstRow: firstRow,
            into: sums.pointer)
        }
      }
      withExtendedLifetime(packed) {}
    }
  }

  /// Parts of each tap's channels: small enough to stay in the second-level cache while all rows
  /// pass, and an even number over all taps, at least a few.
  private var channelParts: Int {
    var parts = inputs * outputs / Self.partFloats + 1
    while (parts * table.taps < Self.fewestParts || parts * table.taps % 2 == 1)
      && inputs / (parts + 1) >= 48
    {
      parts += 1
    }
    return parts
  }

  /// [group, tap, in, out] as [group, out, in, tap].
  private func turned(_ ordered: Storage) -> Storage {
    let result = Storage(count: ordered.count)
    guard ordered.count > 0 else { return result }
    let (source, target) = (Shared(ordered.pointer), Shared(result.pointer))
    let size = 32
    let pieces = (outputs + size - 1) / size
    Threads.forEach(groups * pieces) { index in
      let offset = index / pieces * height * outputs
      let first = index % pieces * size
      let count = min(size, outputs - first)
      let rows = Storage(count: count * height)
      kernels.transpose(
        height, count, source.pointer + offset + first, outputs, rows.pointer, height)
      for output in 0..<count {
        kernels.transpose(
          table.taps, inputs, rows.pointer + output * height, inputs,
          target.pointer + offset + (first + output) * height, table.taps)
      }
      withExtendedLifetime(rows) {}
    }
    return result
  }

  /// [tap, channel] as [channel, tap].
  private func turnedDepthwise(_ ordered: Storage) -> Storage {
    let result = Storage(count: ordered.count)
    kernels.transpose(
      table.taps, groups, ordered.pointer, groups, result.pointer, table.taps)
    return result
  }
}
