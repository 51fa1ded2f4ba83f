import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// Attention over a ragged memory: values, weights and gradients against the equations in Doubles.
struct AttentionTests {
  static let lengths: [([Int], [Int])] = [
    ([3, 1, 4], [2, 3, 1]), ([0, 2, 5, 0], [1, 0, 2, 3]), ([0], [2]), ([7, 7], [3, 3]),
  ]

  @Test(arguments: AttentionKind.allCases, lengths)
  func equalsTheEquations(_ kind: AttentionKind, _ shape: (sources: [Int], queries: [Int])) {
    let (querySize, memorySize) = (5, kind == .dot ? 5 : 6)
    var generator = RandomGenerator(seed: 3)
    var random = TestRandom(11)
    let attention = Attention(
      kind, querySize: querySize, memorySize: memorySize, keySize: 4, using: &generator)
    let layout = SequenceLayout(lengths: shape.queries)
    let memoryLayout = SequenceLayout(lengths: shape.sources)
    let parameters = attention.parameters.map(\.tensor).map { random.tensor($0.shape) }
    let inputs =
      [
        random.tensor([layout.total, querySize]),
        random.tensor([memoryLayout.total, memorySize]),
      ] + parameters

    func run(_ x: [Tensor]) -> (context: Sequences, weights: AttentionWeights) {
      var attention = attention
      var next = 2
      attention.updateParameters { _, parameter in
        parameter = x[next]
        next += 1
      }
      let memory = attention.memory(of: Sequences(values: x[1], layout: memoryLayout))
      return attention(Sequences(values: x[0], layout: layout), over: memory)
    }
    func oracle(_ x: [DoubleTensor], context: Bool) -> DoubleTensor {
      // Parameters are visited as memory, query, vector.
      var result: [Double] = []
      for time in 0..<layout.longest {
        for place in 0..<layout.active[time] {
          let row = layout.order[place]
          let stored = memoryLayout.storedRows(of: row).map { Int($0) }
          let memory = stored.map { AttentionOracle.rows(x[1], $0..<$0 + 1)[0] }
          let index = layout.offsets[time] + place
          let answer = AttentionOracle.attention(
            kind.rawValue, AttentionOracle.rows(x[0], index..<index + 1)[0], memory,
            Array(x[2...]), size: memorySize)
          result += context ? answer.context : answer.weights
        }
      }
      return DoubleTensor(
        context ? [layout.total, memorySize] : [result.count], result)
    }
    let weightCount = run(inputs).weights.values.count
    guard memoryLayout.total > 0 else {
      #expect(run(inputs).context.values.values.allSatisfy { $0 == 0 })
      return
    }
    #expect(
      problems(
        "context, \(kind.rawValue)", inputs, operation: { run($0).context.values },
        oracle: { oracle($0, context: true) }) == [])
    guard weightCount > 0 else { return }
    // The memory's values do not enter the weights of a general or additive score but through keys.
    #expect(
      problems(
        "weights, \(kind.rawValue)", inputs, operation: { run($0).weights.values },
        oracle: { oracle($0, context: false) }) == [])
  }

  @Test(arguments: AttentionKind.allCases)
  func weightsOfARowSumToOne(_ kind: AttentionKind) {
    var generator = RandomGenerator(seed: 5)
    let attention = Attention(kind, querySize: 4, memorySize: 4, using: &generator)
    let memory = attention.memory(
      of: Sequences(generator.normal(shape: [3, 5, 4]), lengths: [5, 0, 2]))
    let queries = Sequences(generator.normal(shape: [3, 2, 4]))
    let (_, weights) = attention(queries, over: memory)
    for (row, length) in [5, 0, 2].enumerated() {
      for line in Attention.weights(weights, of: row, in: queries.layout) {
        #expect(line.count == length && line.allSatisfy { $0 > 0 })
        if length > 0 { #expect(abs(line.reduce(0, +) - 1) < 1e-5) }
      }
    }
  }

  @Test(arguments: AttentionKind.allCases)
  func namesEveryParameterOnce(_ kind: AttentionKind) {
    var generator = RandomGenerator(seed: 5)
    let attention = Attention(kind, querySize: 4, memorySize: 4, using: &generator)
    #expect(visitingProblems(of: attention) == [])
    let paths = attention.parameters.map(\.path)
    switch kind {
    case .dot: #expect(paths == [])
    case .general: #expect(paths == ["memory.weight"])
    case .additive: #expect(paths == ["memory.weight", "query.weight", "vector"])
    }
  }
}
