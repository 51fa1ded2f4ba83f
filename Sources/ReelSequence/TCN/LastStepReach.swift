/// The time steps of a block's input that the network's output at a sequence's last step depends on:
/// the last one and those at multiples of `stride` before it, `count` of them at most.
///
/// A convolution with dilation d reads, for an output at time t, nothing but t and steps whose distance
/// from t is a multiple of d (of the greatest common divisor of its distances). Above a block with
/// dilation 2ⁱ stand dilations that are multiples of it, so of its input every 2ⁱ-th step is enough,
/// and no step before the receptive field of what comes. For T steps that is T + T/2 + T/4 + … in place
/// of T in every block (the "à trous" scheme turned round; Paine et al. 2016, "Fast Wavenet Generation
/// Algorithm", keep the same steps between one output and the next).
package struct LastStepReach {
  package let stride: Int
  package let count: Int
}

extension TCNConfiguration {
  /// The reach at the input of each block, first block first.
  package var lastStepReaches: [LastStepReach] {
    var (stride, reach) = (0, 0)
    var reaches: [LastStepReach] = []
    for block in channels.indices.reversed() {
      let (dilation, history) = (dilation(ofBlock: block), historyLength(ofBlock: block))
      // How far the oldest tap of each of the two convolutions lies before its output.
      let before = isCausal ? history : history / 2
      if kernelSize > 1 {
        stride = Self.commonDivisor(stride, Self.commonDivisor(dilation, before))
      }
      reach += 2 * before
      reaches.append(LastStepReach(stride: max(stride, 1), count: reach / max(stride, 1) + 1))
    }
    return reaches.reversed()
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : commonDivisor(b, a % b)
  }
}
