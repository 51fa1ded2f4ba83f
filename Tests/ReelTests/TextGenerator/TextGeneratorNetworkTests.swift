import Foundation
import Reel
import ReelTestSupport
import Testing

@Suite struct TextGeneratorNetworkTests {
  private static let texts = [
    ConditionedText(text: "ab", label: "x", vector: [0.5, -1]),
    ConditionedText(text: "", label: "y", vector: [0.25, 2]),
    ConditionedText(text: "cabb", label: "y", vector: [-1.5, 0]),
  ]

  private func model(_ conditioning: TextConditioning, layers: Int = 2) throws -> TextGenerator {
    let configuration = TextGeneratorConfiguration(
      embeddingSize: 3, labelEmbeddingSize: 2, conditioning: conditioning,
      decoder: EncoderConfiguration(
        cell: .lstm, hiddenSize: 3, layers: layers, directions: .forward))
    var model = try TextGenerator(texts: Self.texts, configuration: configuration, seed: 6)
    // Biases too, or half of the gradients would be tested at a special place.
    var random = TestRandom(8)
    model.network.updateParameters { _, parameter in
      parameter = random.tensor(parameter.shape, in: -0.7...0.7)
    }
    return model
  }

  @Test(arguments: TextConditioning.allCases, [1, 2])
  func everyParameterIsVisitedOnce(_ conditioning: TextConditioning, _ layers: Int) throws {
    let model = try model(conditioning, layers: layers)
    #expect(visitingProblems(of: model.network) == [])
    let paths = model.network.parameters.map(\.path)
    #expect(
      paths.contains("initial_state.weight") == [.initialState, .both].contains(conditioning))
    #expect(paths.contains("label_embedding.weight") == (conditioning != .none))
  }

  /// The loss and its gradient in every parameter against the equations in Double.
  @Test(arguments: TextConditioning.allCases)
  func lossAndGradientsAreThoseOfTheEquations(_ conditioning: TextConditioning) throws {
    let model = try model(conditioning)
    let examples = try Self.texts.map(model.example)
    let (loss, gradients) = valueAndGradient(of: model.network) { network in
      var context = LossContext()
      return model.loss(network, examples, &context)
    }
    var oracle = GeneratorOracle(model, conditioning)
    let exact = oracle.loss(Self.texts, model)
    #expect(abs(Double(loss.scalar) - exact) < 1e-5)
    #expect(abs(model.evaluate(examples).loss - exact) < 1e-5)
    for entry in gradients.entries {
      let came = entry.gradient?.tensor.values ?? []
      let values = try #require(oracle.parameters[entry.path])
      #expect(came.count == values.count, "\(entry.path)")
      for index in came.indices {
        let step = 1e-5
        oracle.parameters[entry.path]?[index] = values[index] + step
        let above = oracle.loss(Self.texts, model)
        oracle.parameters[entry.path]?[index] = values[index] - step
        let slope = (above - oracle.loss(Self.texts, model)) / (2 * step)
        oracle.parameters[entry.path]?[index] = values[index]
        #expect(
          abs(Double(came[index]) - slope) < 2e-5,
          "\(entry.path)[\(index)] is \(came[index]), expected \(slope)")
      }
    }
  }

  @Test func dropoutIsOnInTrainingOnly() throws {
    var configuration = smallGenerator()
    configuration.dropout = 0.5
    let model = try TextGenerator(
      texts: Grammar.texts(20, seed: 1), configuration: configuration, seed: 2)
    let examples = try Grammar.texts(20, seed: 1).map(model.example)
    func loss(_ seed: UInt64?) -> Float {
      var context = LossContext(generator: seed.map { RandomGenerator(seed: $0) })
      return model.loss(model.network, examples, &context).scalar
    }
    #expect(loss(nil) == loss(nil) && loss(1) == loss(1))
    #expect(loss(1) != loss(2) && loss(1) != loss(nil))
    #expect(abs(Double(loss(nil)) - model.evaluate(examples).loss) < 1e-5)
  }
}

/// The network in Double, from its equations: LSTM layers, gates i | f | g | o.
private struct GeneratorOracle {
  var parameters: [String: [Double]] = [:]
  private let shapes: [String: [Int]]
  private let conditioning: TextConditioning
  private let layers: Int
  private let hidden: Int

  init(_ model: TextGenerator, _ conditioning: TextConditioning) {
    var shapes: [String: [Int]] = [:]
    for (path, tensor) in model.network.parameters {
      parameters[path] = tensor.values.map(Double.init)
      shapes[path] = tensor.shape
    }
    self.shapes = shapes
    self.conditioning = conditioning
    layers = model.configuration.decoder.layers
    hidden = model.configuration.decoder.hiddenSize
  }

  private func row(_ path: String, _ index: Int) -> [Double] {
    let width = shapes[path]?[1] ?? 0
    return Array((parameters[path] ?? [])[index * width..<(index + 1) * width])
  }

  private func affine(_ weight: String, _ bias: String, _ x: [Double]) -> [Double] {
    (parameters[bias] ?? []).enumerated().map { index, bias in
      zip(row(weight, index), x).reduce(bias) { $0 + $1.0 * $1.1 }
    }
  }

  /// Mean cross-entropy over all tokens and marks.
  func loss(_ texts: [ConditionedText], _ model: TextGenerator) -> Double {
    let mark = Int32(model.tokenizer.vocabularySize)
    var total = 0.0
    var count = 0
    for text in texts {
      let ids = model.tokenizer.encode(text.text)
      var condition = text.vector.map(Double.init)
      if conditioning != .none {
        condition = row("label_embedding.weight", text.label == "x" ? 0 : 1) + condition
      }
      var state = [Double](repeating: 0, count: 2 * layers * hidden)
      if conditioning == .initialState || conditioning == .both {
        state = affine("initial_state.weight", "initial_state.bias", condition).map(tanh)
      }
      for (read, written) in zip([mark] + ids, ids + [mark]) {
        var x = row("embedding.weight", Int(read))
        if conditioning == .everyStep || conditioning == .both { x += condition }
        for layer in 0..<layers { x = step(x, layer, &state) }
        let scores = affine("head.weight", "head.bias", x)
        total += log(scores.reduce(0) { $0 + exp($1) }) - scores[Int(written)]
        count += 1
      }
    }
    return total / Double(count)
  }

  /// One layer; `state` holds h of all layers, then c of all layers.
  private func step(_ x: [Double], _ layer: Int, _ state: inout [Double]) -> [Double] {
    let (first, second) = (layer * hidden, (layers + layer) * hidden)
    let h = Array(state[first..<first + hidden])
    let suffix = "_l\(layer)"
    let fromInput = affine("recurrent.weight_ih" + suffix, "recurrent.bias_ih" + suffix, x)
    let fromState = affine("recurrent.weight_hh" + suffix, "recurrent.bias_hh" + suffix, h)
    let gates = zip(fromInput, fromState).map { $0 + $1 }
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    var output: [Double] = []
    for unit in 0..<hidden {
      let cell =
        sigmoid(gates[hidden + unit]) * state[second + unit]
        + sigmoid(gates[unit]) * tanh(gates[2 * hidden + unit])
      state[second + unit] = cell
      output.append(sigmoid(gates[3 * hidden + unit]) * tanh(cell))
      state[first + unit] = output[unit]
    }
    return output
  }
}
