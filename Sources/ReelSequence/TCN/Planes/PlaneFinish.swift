import CReelKernels
import ReelLayers
import ReelTensor

/// Which values of planes pass, and with which factors; see `reel_plane_gate`.
struct PlaneGate: @unchecked Sendable {
  /// Bits of the bytes that ``PlaneFinish/signs`` receives.
  static let (inner, outer) = (1, 2)

  var signs: Storage?
  /// Those that must be set for a value to pass.
  var bits = PlaneGate.inner
  var mask: ChannelMask?

  /// What a kernel is told; the gate must outlive what it does.
  var arguments: reel_plane_gate {
    reel_plane_gate(
      signs: signs.map { UnsafePointer($0.bytes) }, bits: Int32(bits),
      mask: mask.map { UnsafePointer($0.factors.storage.pointer) }, ldmask: mask?.stride ?? 0,
      period: mask?.period ?? 1)
  }
}

/// What becomes of values on the planes of a batch, part by part in this order; see
/// `reel_plane_finish`. Every plane lies as those of the result do.
struct PlaneFinish: @unchecked Sendable {
  /// [channels]: v + bias.
  var bias: Tensor?
  /// max(v, 0).
  var isRectified = false
  /// v + added; may be the result.
  var added: Tensor?
  /// The way back through a rectifier, and dropout.
  var gate: PlaneGate?
  /// max(v + residual, 0); may be the result.
  var residual: Tensor?
  /// Receives for each value a byte: whether it was above 0 before the residual, and behind it.
  var signs: Storage?
  /// v + passed where the outer bit of `signs` is set.
  var passed: (values: Tensor, signs: Storage)?

  /// Whether values stay as they are.
  var isEmpty: Bool {
    bias == nil && !isRectified && added == nil && gate == nil && residual == nil && signs == nil
      && passed == nil
  }

  /// Calls `body` with what a kernel is told.
  func withArguments<Result>(_ body: (UnsafePointer<reel_plane_finish>) -> Result) -> Result {
    func pointer(_ tensor: Tensor?) -> UnsafePointer<Float>? {
      tensor.map { UnsafePointer($0.storage.pointer) }
    }
    var arguments = reel_plane_finish(
      bias: pointer(bias), rectified: isRectified, added: pointer(added),
      gate: (gate ?? PlaneGate()).arguments, residual: pointer(residual), signs: signs?.bytes,
      passed: pointer(passed?.values), passed_signs: passed.map { UnsafePointer($0.signs.bytes) })
    let result = body(&arguments)
    withExtendedLifetime(self) {}
    return result
  }

  /// Finishes some columns of a batch, on the calling thread.
  ///
  /// - Parameters:
  ///   - x: the first channel at the first of these columns.
  ///   - y: all planes of the result.
  func apply(
    _ columns: Range<Int>, _ layout: SequenceLayout, channels: Int, from x: UnsafePointer<Float>,
    stride ldx: Int, into y: UnsafeMutablePointer<Float>, stride ldy: Int
  ) {
    withArguments { arguments in
      guard gate?.mask != nil, !layout.isUniform else {
        kernels.finish_planes(
          channels, columns.count, columns.lowerBound, columns.lowerBound, arguments, x, ldx, y,
          ldy)
        return
      }
      // Every time step has its own number of sequences: the factors begin anew.
      var column = columns.lowerBound
      var time = layout.time(ofColumn: column)
      while column < columns.upperBound {
        let end = min(columns.upperBound, layout.offsets[time + 1])
        kernels.finish_planes(
          channels, end - column, column, column - layout.offsets[time], arguments,
          x + (column - columns.lowerBound), ldx, y, ldy)
        column = end
        time += 1
      }
    }
  }
}

extension Storage {
  /// The storage as bytes.
  fileprivate var bytes: UnsafeMutablePointer<UInt8> {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: UInt8.self)
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
