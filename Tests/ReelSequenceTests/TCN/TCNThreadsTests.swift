import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// The number of threads changes no byte, nor does running again.
@Suite struct TCNThreadsTests {
  private static let batches = [
    [Int](repeating: 96, count: 7), (0..<23).map { 90 - $0 * 3 },
    // Two, three and thirteen groups: on one thread each, or one after the other.
    [Int](repeating: 71, count: 32), [Int](repeating: 64, count: 48),
    [Int](repeating: 30, count: 208),
    // So long that the way back has several shares.
    [Int](repeating: 600, count: 16), [Int](repeating: 1000, count: 48),
  ]

  @Test(arguments: [(true, true), (true, false), (false, false)], batches)
  func sameBytes(_ kind: (isCausal: Bool, withState: Bool), _ lengths: [Int]) {
    let test = TCNCase(
      TCNConfiguration(
        inputSize: 9, channels: [33, 33, 20], kernelSize: 5, dropout: 0.2, isCausal: kind.isCausal),
      lengths: lengths, withState: kind.withState, seed: 41)
    let loss = TCNLoss(test, seed: 42)
    func run(threads: Int) -> [(name: String, bits: [UInt32])] {
      Threads.with(threads) {
        let result = valueAndGradient(of: test.model) { model in
          let (output, state) = model(using: RandomGenerator(seed: 43))
          return (loss(output, state), [output.padded()] + state)
        }
        let unwatched = test.model(using: RandomGenerator(seed: 43))
        return [("loss", bits(result.value)), ("unwatched", bits(unwatched.output.padded()))]
          + result.extra.map { ("output or state", bits($0)) }
          + result.gradients.entries.map { ($0.path, $0.gradient.map { bits($0.tensor) } ?? []) }
      }
    }
    let one = run(threads: 1)
    for threads in [1, 2, 3, 2] {
      for (came, expected) in zip(run(threads: threads), one) {
        #expect(came.bits == expected.bits, "\(came.name) with \(threads) threads")
      }
    }
  }
}
