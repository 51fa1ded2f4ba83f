import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Looking one-hot rows up equals multiplying by them, forward and backward.
@Suite struct OneHotTests {
  @Test(arguments: RecurrentCellKind.allCases, RecurrentDirections.allCases)
  func lookupEqualsProduct(_ kind: RecurrentCellKind, _ directions: RecurrentDirections) {
    for (bias, layers) in [(true, 2), (false, 1)] {
      let test = RecurrentCase(
        kind,
        RecurrentConfiguration(
          inputSize: 6, hiddenSize: 5, layers: layers, directions: directions, bias: bias),
        lengths: [4, 0, 7, 2], seed: 71)
      // Token 5 never comes; a negative id is a row of zeros.
      let tokens = TokenSequences([[0, 3, 3, 1], [], [2, 4, -1, 0, 0, 1, 3], [1, 1]])
      let weights = LossWeights(test, seed: 72)
      func run(_ input: SequenceInput) -> (
        value: Tensor, extra: [Tensor], gradients: Gradients
      ) {
        valueAndGradient(of: test.model.network) { network in
          var none: RandomGenerator?
          let (output, state) = network(input, state: test.model.state, using: &none)
          return (TestLoss.allSteps(output, state, weights), [output.padded()] + state)
        }
      }
      let dense = run(.vectors(tokens.oneHot(classes: 6)))
      let sparse = run(.oneHot(tokens))
      expectClose(sparse.value, dense.value, "loss")
      for (a, b) in zip(sparse.extra, dense.extra) { expectClose(a, b, "output", within: 1e-6) }
      for entry in dense.gradients.entries {
        guard let expected = entry.gradient?.tensor else { continue }
        expectClose(sparse.gradients[entry.path]?.tensor, expected, entry.path, within: 2e-6)
      }
      #expect(sparse.gradients["weight_ih_l0"] != nil)
    }
  }

  @Test func linearOfOneHot() {
    var generator = RandomGenerator(seed: 73)
    for bias in [true, false] {
      var linear = Linear(5, 3, bias: bias, using: &generator)
      if bias { linear.bias = generator.normal(shape: [3]) }
      let tokens = TokenSequences([[4, 0, 0], [], [2]])
      let weight = generator.normal(shape: [4, 3])
      let dense = valueAndGradient(of: linear) { linear in
        (linear(tokens.oneHot(classes: 5)).values * weight).sum()
      }
      let sparse = valueAndGradient(of: linear) { linear in
        (linear(oneHot: tokens).values * weight).sum()
      }
      expectClose(sparse.value, dense.value, "loss")
      for entry in dense.gradients.entries {
        guard let expected = entry.gradient?.tensor else { continue }
        expectClose(sparse.gradients[entry.path]?.tensor, expected, entry.path)
      }
    }
  }
}
