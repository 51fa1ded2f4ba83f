import CReelKernels

/// The weights of a convolution, [out, in/groups, taps…] as users see them, as packed right operands.
struct TapWeights: @unchecked Sendable {
  /// What is summed over, and what comes out.
  enum Direction {
    /// K = taps·in/groups to out/groups: the convolution.
    case forward
    /// K = taps·out/groups to in/groups: its transpose, and the gradient in its input.
    case backward
  }

  /// Taps and channels that one call of the kernel multiplies: what is summed over is cut so that
  /// the weights of a chunk stay in the second-level cache while the rows of a block pass.
  struct Chunk {
    let taps: Range<Int>
    let channels: Range<Int>
    /// Where its packed weights begin, within those of the group.
    let offset: Int
  }

  let groups: Int
  /// Channels of one group that a tap reads, and that come out.
  let inputs: Int
  let outputs: Int
  let chunks: [Chunk]
  /// Those that the weights are packed for; nil for products of floats.
  let splitProducts: reel_split_products?
  private let packed: Storage
  private let groupCount: Int

  /// Floats of a chunk, about.
  private static let chunkFloats = 1 << 17

  /// - Parameters:
  ///   - weight: [out, in/groups, taps…]
  ///   - taps: the ones that take part, in this order; all where nil.
  ///   - splitProducts: packs the weights for these.
  init(
    _ weight: Tensor, groups: Int, direction: Direction, taps: [Int32]? = nil,
    for splitProducts: reel_split_products? = nil
  ) {
    let out = weight.shape[0] / groups
    let within = weight.shape[1]
    let allTaps = weight.shape[2...].reduce(1, *)
    let taps = taps ?? (0..<Int32(truncatingIfNeeded: allTaps)).map { $0 }
    self.groups = groups
    (inputs, outputs) = direction == .forward ? (within, out) : (out, within)
    self.splitProducts = splitProducts
    (chunks, groupCount) = Self.chunks(
      taps: taps.count, inputs: inputs, outputs: outputs, splitProducts)
    packed = Storage(count: groups * groupCount)
    guard outputs > 0 else { return }

    let ordered = TapOrder(weight, groups: groups, direction: direction)
    let (chunks, outputs, groupCount) = (chunks, outputs, groupCount)
    let target = Shared(packed.pointer)
    Threads.forEach(groups * chunks.count) { index in
      let (group, chunk) = (index / chunks.count, chunks[index % chunks.count])
      let place = target.pointer + group * groupCount + chunk.offset
      let source = ordered.pointer(group: group) + chunk.channels.lowerBound * ordered.channelStep
      taps[chunk.taps].withUnsafeBufferPointer { numbers in
        guard let pack = splitProducts?.split_tap_columns ?? kernels.pack_taps else { return }
        pack(
          numbers.count, chunk.channels.count, outputs, source, numbers.baseAddress,
          ordered.tapStep, ordered.channelStep, place)
      }
    }
    withExtendedLifetime(ordered) {}
  }

  private static func chunks(
    taps: Int, inputs: Int, outputs: Int, _ splitProducts: reel_split_products?
  ) -> (chunks: [Chunk], count: Int) {
    guard taps > 0, inputs > 0 else { return ([], 0) }
    let depth = max(64, chunkFloats / max(outputs, 1))
    let widest = min(REEL_MOST_TAP_CHANNELS, 2 * depth)
    let parts = (inputs + widest - 1) / widest
    let step = splitProducts == nil ? 8 : SplitTile.depth
    let size = ((inputs + parts - 1) / parts + step - 1) / step * step
    let most = splitProducts == nil ? taps : Int(REEL_MOST_SPLIT_TAPS)
    let together = parts > 1 ? 1 : min(most, max(1, depth / inputs))
    var chunks: [Chunk] = []
    var offset = 0
    for tap in stride(from: 0, to: taps, by: together) {
      for channel in stride(from: 0, to: inputs, by: size) {
        let chunk = Chunk(
          taps: tap..<min(taps, tap + together), channels: channel..<min(inputs, channel + size),
          offset: offset)
        chunks.append(chunk)
        offset += length(of: chunk, outputs, splitProducts)
      }
    }
    return (chunks, offset)
  }

  /// Floats of the first `columns` outputs of a chunk.
  private static func length(
    of chunk: Chunk, _ columns: Int, _ splitProducts: reel_split_products?
  ) -> Int {
    guard let splitProducts else {
      return kernels.packed_count(chunk.taps.count * chunk.channels.count, columns)
    }
    return chunk.taps.count * splitProducts.columns_length(chunk.channels.count, columns)
  }

  /// The weights of a chunk from output `column` on, where a panel begins.
  func panels(group: Int, chunk: Chunk, column: Int = 0) -> UnsafePointer<Float> {
    UnsafePointer(
      packed.pointer + group * groupCount + chunk.offset
        + Self.length(of: chunk, column, splitProducts))
  }

  /// Outputs of the first panel of `columns`.
  func panelWidth(_ columns: Int) -> Int {
    splitProducts == nil ? kernels.panel_width(columns) : 2 * SplitTile.side
  }
}

/// Weights with the channels that come out side by side, which is how they are packed:
/// value (tap, channel, output) of a group lies at tap·tapStep + channel·channelStep + output.
struct TapOrder: @unchecked Sendable {
  let tapStep: Int
  let channelStep: Int
  private let groupStep: Int
  private let storage: Storage

  func pointer(group: Int) -> UnsafePointer<Float> {
    UnsafePointer(storage.pointer + group * groupStep)
  }

  /// Rows, or columns, that one thread turns at a time.
  private static let turned = 64

  init(_ weight: Tensor, groups: Int, direction: TapWeights.Direction) {
    let out = weight.shape[0] / groups
    let within = weight.shape[1]
    let taps = weight.shape[2...].reduce(1, *)
    groupStep = out * within * taps
    switch direction {
    case .backward where taps == 1:
      (tapStep, channelStep) = (within, within)
      storage = weight.storage
    case .backward:
      // [out, in, tap] to [out, tap, in].
      (tapStep, channelStep) = (within, taps * within)
      storage = Storage(count: weight.count)
      let (source, target) = (Shared(weight.storage.pointer), Shared(storage.pointer))
      Threads.forEachRange(of: groups * out, size: Self.turned) { range in
        for output in range {
          let offset = output * within * taps
          kernels.transpose(
            within, taps, source.pointer + offset, taps, target.pointer + offset, within)
        }
      }
    case .forward:
      // [out, in·tap] to [in·tap, out].
      (tapStep, channelStep) = (out, taps * out)
      storage = Storage(count: weight.count)
      let columns = within * taps
      let pieces = (columns + Self.turned - 1) / Self.turned
      let (source, target) = (Shared(weight.storage.pointer), Shared(storage.pointer))
      Threads.forEach(groups * pieces) { index in
        let offset = index / pieces * out * columns
        let first = index % pieces * Self.turned
        kernels.transpose(
          out, min(Self.turned, columns - first), source.pointer + offset + first, columns,
          target.pointer + offset + first * out, out)
      }
    }
  }
}
