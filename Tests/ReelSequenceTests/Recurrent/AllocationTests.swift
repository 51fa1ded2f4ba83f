import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// What a warm program takes from the memory pool. The statistics are those of the process, so each
/// test has one of its own.
@Suite struct AllocationTests {
  struct Tagger: Module {
    var recurrent: RecurrentNetwork
    var head: Linear

    mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
      visitor.visit("recurrent", &recurrent)
      visitor.visit("head", &head)
    }
  }

  @Test func parametersAreUpdatedInPlace() async {
    await #expect(processExitsWith: .success) {
      var generator = RandomGenerator(seed: 1)
      for kind in RecurrentCellKind.allCases {
        var network = RecurrentNetwork(
          kind,
          RecurrentConfiguration(
            inputSize: 3, hiddenSize: 4, layers: 2, directions: .bidirectional),
          using: &generator)
        let before = MemoryPool.statistics
        MemoryPool.resetPeak()
        network.updateParameters { _, parameter in parameter.withMutableValues { $0[0] += 1 } }
        let after = MemoryPool.statistics
        #expect(after.bufferAllocations == before.bufferAllocations, "\(kind)")
        #expect(after.peakBytes == before.bytesInUse, "\(kind): not even for a while")
      }
    }
  }

  @Test func aWarmTrainingStepMakesNoNewBuffer() async {
    await #expect(processExitsWith: .success) {
      for kind in RecurrentCellKind.allCases {
        for (threads, dropIns) in [(1, false), (2, false), (1, true), (2, true)] {
          var training = Training(kind, dropIns: dropIns)
          Threads.with(threads) {
            for _ in 0..<4 { training.step() }
            // How many pieces run at once is up to the system, and with it how many buffers a step
            // holds at most: it may need some steps more until the pool has seen that.
            var before = MemoryPool.statistics
            var after = before
            for _ in 0..<10 {
              before = MemoryPool.statistics
              for _ in 0..<20 { training.step() }
              after = MemoryPool.statistics
              if after.bufferAllocations == before.bufferAllocations { break }
            }
            let name = "\(kind), \(threads) threads, drop-ins \(dropIns)"
            #expect(after.bufferAllocations == before.bufferAllocations, "\(name)")
            #expect(after.bytesInUse == before.bytesInUse, "\(name)")
          }
          #expect(training.losses[23] < training.losses[0])
        }
      }
    }
  }

  /// A tagger learns to copy ragged rows of tokens, its state handed on.
  struct Training {
    var generator = RandomGenerator(seed: 1)
    var model: Tagger
    let tokens: TokenSequences
    var state: RecurrentNetwork.State?
    var losses: [Float] = []

    init(_ kind: RecurrentCellKind, dropIns: Bool) {
      var configuration = RecurrentConfiguration(
        inputSize: 7, hiddenSize: 24, layers: 2, dropout: 0.1, recurrentDropout: 0.1)
      if dropIns {
        configuration.zoneout = 0.1
        configuration.learnsInitialState = true
        if kind.stateNames.count == 2 {
          configuration.zoneoutCell = 0.1
          configuration.projectionSize = 16
        }
      }
      model = Tagger(
        recurrent: RecurrentNetwork(kind, configuration, using: &generator),
        head: Linear(configuration.outputSize, 7, using: &generator))
      var random = TestRandom(2)
      tokens = TokenSequences((0..<12).map { random.ids(14 - $0, in: 0..<7) })
    }

    mutating func step() {
      let (loss, next, gradients) = valueAndGradient(of: model) { model in
        var dropout: RandomGenerator? = generator
        let (output, state) = model.recurrent(.oneHot(tokens), state: state, using: &dropout)
        return (crossEntropy(model.head(output), tokens), state)
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
