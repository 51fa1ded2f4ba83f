import Reel
import Testing

// begin Guides/Recurrence.md
struct TiedModel: Module {
  var embedding: Embedding
  var gru: GRU
  var head: TiedLinear

  init(vocabulary: Int, using generator: inout RandomGenerator) {
    embedding = Embedding(
      vocabulary: vocabulary, dimension: 16, initialization: .lecunNormal, using: &generator)
    gru = GRU(inputSize: 16, hiddenSize: 32, using: &generator)
    head = TiedLinear(32, embedding: embedding, using: &generator)
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("embedding", &embedding)
    visitor.visit("gru", &gru)
    visitor.visit("head", &head)
  }

  func callAsFunction(_ tokens: TokenSequences) -> Sequences {
    head(gru(embedding(tokens)).output, embedding: embedding)
  }
}
// end Guides/Recurrence.md

/// The examples of `Guides/Recurrence.md` on zoneout, learned states, projection, tied weights and
/// averages, compiled and run.
struct GuideDropInTests {
  @Test func zoneoutByHand() throws {
    var generator = RandomGenerator(seed: 6)
    let batch = generator.normal(shape: [2, 5, 3])
    // begin Guides/Recurrence.md
    let p: Float = 0.25
    let gru = GRU(inputSize: 3, hiddenSize: 4, zoneout: p, using: &generator)
    var plain = GRU(inputSize: 3, hiddenSize: 4, using: &generator)
    try plain.load(NamedTensors(gru.parameters))

    var draws: RandomGenerator? = RandomGenerator(seed: 7)
    let (training, _) = gru(Sequences(batch), using: &draws)  // each step draws its mask
    let (prediction, _) = gru(Sequences(batch))  // the mean, by hand:
    var h = Tensor(zeros: [2, 4])
    for t in 0..<5 {
      let x = batch.slice(t..<t + 1, axis: 1).reshaped([2, 3])
      let (output, _) = plain.step(x, state: HiddenState(hidden: h.reshaped([1, 2, 4])))
      h = p * h + (1 - p) * output
    }
    // end Guides/Recurrence.md
    expectClose(prediction.last, h)
    #expect(training.last != prediction.last)
  }

  @Test func learnedInitialState() throws {
    var generator = RandomGenerator(seed: 7)
    let batch = Sequences(generator.normal(shape: [2, 5, 3]))
    // begin Guides/Recurrence.md
    let gru = GRU(inputSize: 3, hiddenSize: 4, learnsInitialState: true, using: &generator)
    let (_, gradients) = valueAndGradient(of: gru) { gru in
      gru(batch).output.last.squared().sum()
    }
    let learning = gradients["initial_hidden_l0"]  // [4], summed over the batch
    let (_, state) = gru(batch)  // starts from what is learned
    let (further, _) = gru(batch, state: state)  // starts from `state`
    // end Guides/Recurrence.md
    #expect(learning?.shape == [4])
    expectClose(further.last, gru(batch, state: state).output.last)
    #expect(further.last != gru(batch).output.last)
  }

  @Test func projectedState() {
    var generator = RandomGenerator(seed: 8)
    // begin Guides/Recurrence.md
    let lstm = LSTM(
      inputSize: 12, hiddenSize: 64, layers: 2, directions: .bidirectional, projectionSize: 16,
      using: &generator)
    let (output, state) = lstm(Sequences([5, 0, 2].map { generator.normal(shape: [$0, 12]) }))
    let features = output.featureCount  // 32: both directions
    let hidden = state.hidden  // [4, 3, 16]
    let cells = state.cell  // [4, 3, 64]
    // end Guides/Recurrence.md
    #expect(features == 32)
    #expect(hidden.shape == [4, 3, 16])
    #expect(cells.shape == [4, 3, 64])
    #expect(
      lstm.parameters.filter { $0.path.contains("hr_l0") }.map(\.tensor.shape)
        == [[16, 64], [16, 64]])
  }

  @Test func tiedWeightsAndTheirAverage() throws {
    var generator = RandomGenerator(seed: 9)
    let inputs = TokenSequences([[3, 1, 4, 1, 5], [9, 2, 6]])
    let targets = TokenSequences([[1, 4, 1, 5, 9], [2, 6, 5]])
    // begin Guides/Recurrence.md
    let model = TiedModel(vocabulary: 50, using: &generator)
    let (loss, gradients) = valueAndGradient(of: model) { model in
      crossEntropy(model(inputs), targets)
    }
    let shared = gradients["embedding.weight"]  // of both uses
    // end Guides/Recurrence.md
    #expect(shared?.shape == [50, 16])
    #expect(model.parameters.filter { $0.tensor.shape == [50, 16] }.count == 1)
    let first = loss.scalar
    try averagedTraining(model, inputs, targets, from: first)
  }

  private func averagedTraining(
    _ start: TiedModel, _ inputs: TokenSequences, _ targets: TokenSequences, from first: Float
  ) throws {
    var model = start
    var optimizer = Adam(learningRate: 0.01)
    // begin Guides/Recurrence.md
    var average = MovingAverage(model, decay: 0.99)
    for _ in 0..<50 {
      let (_, gradients) = valueAndGradient(of: model) { model in
        crossEntropy(model(inputs), targets)
      }
      optimizer.update(&model, with: gradients)
      average.update(with: model)
    }
    let steady = average.average  // a model like `model`
    // end Guides/Recurrence.md
    #expect(crossEntropy(steady(inputs), targets).scalar < first / 2)
    #expect(average.updates == 50)
  }

  private func expectClose(
    _ came: Tensor, _ expected: Tensor, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(came.shape == expected.shape, sourceLocation: sourceLocation)
    let furthest = zip(came.values, expected.values).map { abs($0 - $1) }.max() ?? 0
    #expect(furthest < 1e-5, sourceLocation: sourceLocation)
  }
}
