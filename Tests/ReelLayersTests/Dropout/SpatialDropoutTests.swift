import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct SpatialDropoutTests {
  @Test func withoutAGeneratorNothingHappens() {
    let x = Tensor(repeating: 2, shape: [2, 3, 4])
    var none: RandomGenerator?
    #expect(SpatialDropout(0.5)(x, using: &none) == x)
    #expect(SpatialDropout(0.5)(FeatureMaps(x), using: &none).tensor == x)
    #expect(SpatialDropout(0.5)(Sequences(x), using: &none).padded() == x)
    var generator: RandomGenerator? = RandomGenerator(seed: 1)
    #expect(SpatialDropout(0)(x, using: &generator) == x)
    #expect(generator == RandomGenerator(seed: 1))
  }

  /// A channel of an item is there at all positions or at none, and so is its gradient; maps,
  /// tensors and sequences draw the same masks.
  @Test func wholeChannels() {
    var random = TestRandom(30)
    let x = random.tensor([6, 10, 3, 2], avoidingZero: true)
    let mask = RandomGenerator(seed: 4).mask([6, 10])
    #expect(Set(mask.values).count == 2)
    let expected = x * mask.reshaped([6, 10, 1, 1])
    func generator() -> RandomGenerator? { RandomGenerator(seed: 4) }
    for form in 0..<2 {
      let (_, y, gradients) = valueAndGradient(at: [x]) { x in
        var generator = generator()
        let y =
          form == 0
          ? SpatialDropout(0.4)(x[0], using: &generator)
          : SpatialDropout(0.4)(FeatureMaps(x[0]), using: &generator).tensor
        return (y.sum(), y)
      }
      #expect(y == expected)
      let ones = Tensor(repeating: 1, shape: x.shape) * mask.reshaped([6, 10, 1, 1])
      #expect(gradients[0]?.tensor == ones)
    }
  }

  @Test(arguments: batches) func oneMaskForEachSequence(lengths: [Int]) {
    var random = TestRandom(31)
    let longest = lengths.max() ?? 0
    let x = random.tensor([lengths.count, longest, 8], avoidingZero: true)
    let mask = RandomGenerator(seed: 4).mask([lengths.count, 8])
    let found = problems(
      "SpatialDropout", [x],
      operation: { x in
        var generator: RandomGenerator? = RandomGenerator(seed: 4)
        return SpatialDropout(0.4)(Sequences(x[0], lengths: lengths), using: &generator).padded()
      },
      oracle: { x in
        DoubleTensor([lengths.count, longest, 8]) { index in
          index[1] < lengths[index[0]] ? x[0][index] * Double(mask[index[0], index[2]]) : 0
        }
      })
    #expect(found == [])
  }

  @Test func probabilitiesThatAreNoneEndTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = SpatialDropout(1) }
    await #expect(processExitsWith: .failure) { _ = SpatialDropout(-0.1) }
  }
}

extension RandomGenerator {
  fileprivate func mask(_ shape: [Int]) -> Tensor {
    var copy = self
    return copy.dropoutMask(shape: shape, probability: 0.4)
  }
}
