import CReelKernels

/// The weights of a convolution, [out, in/groups, taps] as users see them, as right operands.
struct TapWeights {
  /// What is summed over, and what comes out.
  enum Direction {
    /// K = taps·in/groups to out/groups: the convolution.
    case forward
    /// K = taps·out/groups to in/groups: its transpose, and the gradient in its input.
    case backward
  }

  let taps: Int
  let groups: Int
  /// Channels of one group that a tap reads, and that come out.
  let inputs: Int
  let outputs: Int
  /// For each group, [taps·inputs × outputs] in panels.
  private let packed: Storage
  private let groupCount: Int

  /// - Parameter weight: [out, in/groups, taps…]
  init(_ weight: Tensor, groups: Int, direction: Direction) {
    let out = weight.shape[0] / groups
    let within = weight.shape[1]
    let taps = weight.shape[2...].reduce(1, *)
    self.taps = taps
    self.groups = groups
    (inputs, outputs) = direction == .forward ? (within, out) : (out, within)
    let (inputs, outputs) = (inputs, outputs)
    groupCount = kernels.packed_count(taps * inputs, outputs)
    packed = Storage(count: groups * groupCount)
    let groupCount = groupCount
    // Tap after tap, [tap, input, output].
    let ordered = Storage(count: taps * inputs * outputs)
    for group in 0..<groups {
      let source = Shared(weight.storage.pointer + group * out * within * taps)
      let target = Shared(ordered.pointer)
      let (inputStep, outputStep) =
        direction == .forward ? (taps, within * taps) : (within * taps, taps)
      Threads.forEach(taps) { tap in
        let from = source.pointer + tap
        let to = target.pointer + tap * inputs * outputs
        for input in 0..<inputs {
          for output in 0..<outputs {
            to[input * outputs + output] = from[input * inputStep + output * outputStep]
          }
        }
      }
      kernels.pack(
        taps * inputs, outputs, ordered.pointer, outputs, false,
        packed.pointer + group * groupCount)
    }
    withExtendedLifetime(ordered) {}
  }

  func panels(of group: Int) -> UnsafePointer<Float> {
    UnsafePointer(packed.pointer + group * groupCount)
  }
}
