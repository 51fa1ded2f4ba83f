import ReelLayers
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct DropoutTests {
  @Test func withoutAGeneratorNothingHappens() {
    let x = Tensor(shape: [3], values: [1, 2, 3])
    var none: RandomGenerator?
    #expect(Dropout(0.5)(x, using: &none) == x)
    var generator: RandomGenerator? = RandomGenerator(seed: 1)
    #expect(Dropout(0)(x, using: &generator) == x)
    #expect(generator == RandomGenerator(seed: 1))
  }

  @Test func valuesAreDroppedOrScaledAndSoAreGradients() {
    var generator: RandomGenerator? = RandomGenerator(seed: 3)
    let x = Tensor(repeating: 2, shape: [40, 50])
    let (_, y, gradients) = valueAndGradient(at: [x]) { x in
      let y = Dropout(0.25)(x[0], using: &generator)
      return (y.sum(), y)
    }
    let scale: Float = 1 / 0.75
    #expect(y.values.allSatisfy { $0 == 0 || $0 == 2 * scale })
    #expect(abs(y.mean().scalar - 2) < 0.15)
    #expect(gradients[0]?.tensor.values == y.values.map { $0 / 2 })
    #expect(generator != RandomGenerator(seed: 3))
    var again: RandomGenerator? = RandomGenerator(seed: 3)
    #expect(Dropout(0.25)(x, using: &again) == y.detached())
    #expect(Dropout(0.25)(x, using: &again) != y.detached())
  }
}
