import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// A warmed-up training step asks the system for no buffer.
@Suite struct AllocationTests {
  struct Tagger: Module {
    var recurrent: RecurrentNetwork
    var head: Linear

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("recurrent", &recurrent)
      visitor.visit("head", &head)
    }
  }

  @Test(arguments: RecurrentCellKind.allCases, [1, 2])
  func trainingStep(_ kind: RecurrentCellKind, _ threads: Int) {
    var generator = RandomGenerator(seed: 1)
    let configuration = RecurrentConfiguration(
      inputSize: 7, hiddenSize: 24, layers: 2, dropout: 0.1, recurrentDropout: 0.1)
    var model = Tagger(
      recurrent: RecurrentNetwork(kind, configuration, using: &generator),
      head: Linear(24, 7, using: &generator))
    var random = TestRandom(2)
    let rows = (0..<12).map { random.ids(14 - $0, in: 0..<7) }
    let targets = TokenSequences(rows)
    var state: RecurrentNetwork.State?
    var losses: [Float] = []

    func step() {
      let (loss, next, gradients) = valueAndGradient(of: model) { model in
        var dropout: RandomGenerator? = generator
        let (output, state) = model.recurrent(.oneHot(targets), state: state, using: &dropout)
        return (crossEntropy(model.head(output), targets), state)
      }
      var index = 0
      model.updateParameters { _, parameter in
        if let gradient = gradients.entries[index].gradient {
          parameter.add(gradient, times: -0.1)
        }
        index += 1
      }
      state = next
      losses.append(loss.scalar)
    }

    Threads.with(threads) {
      for _ in 0..<3 { step() }
      #expect(fewestAllocations(attempts: 100, step) == 0)
    }
    #expect(losses[losses.count - 1] < losses[0])
  }
}

extension Tensor {
  /// self += scale · gradient, in place.
  fileprivate mutating func add(_ gradient: Gradient, times scale: Float) {
    withMutableValues { target in
      gradient.tensor.withValues { source in
        for index in 0..<source.count { target[index] += scale * source[index] }
      }
    }
  }
}
