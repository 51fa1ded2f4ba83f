import Foundation
import Reel
import Testing

// begin Guides/Convolution.md
/// y[o, p] = bias[o] + Σ_c Σ_j weight[o, c, j] · x[c, p + j], for one item without padding.
func convolutionByHand(_ x: Tensor, weight: Tensor, bias: Tensor) -> Tensor {
  let (outputs, channels, kernel) = (weight.shape[0], weight.shape[1], weight.shape[2])
  let positions = x.shape[1] - kernel + 1
  var y: [Float] = []
  for o in 0..<outputs {
    for p in 0..<positions {
      var sum = bias[o]
      for c in 0..<channels {
        for j in 0..<kernel { sum += weight[o, c, j] * x[c, p + j] }
      }
      y.append(sum)
    }
  }
  return Tensor(shape: [outputs, positions], values: y)
}
// end Guides/Convolution.md

// begin Guides/Convolution.md
struct ImageNetwork: Module {
  var first: Convolution2D
  var norm: BatchNorm
  var second: Convolution2D
  var head: Linear

  init(classes: Int, using generator: inout RandomGenerator) throws {
    first = try Convolution2D(1, 6, kernel: 3, padding: .same, using: &generator)
    norm = BatchNorm(6)
    second = try Convolution2D(6, 8, kernel: 3, stride: 2, using: &generator)
    head = Linear(8 * 3 * 3, classes, using: &generator)
  }

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("first", &first)
    visitor.visit("norm", &norm)
    visitor.visit("second", &second)
    visitor.visit("head", &head)
  }

  /// images [batch, 1, 8, 8] → scores [batch, classes]
  func callAsFunction(_ images: Tensor, statistics: inout BatchStatistics?) -> Tensor {
    let features = norm(first(FeatureMaps(images)), statistics: &statistics)
    let maps = second(features.mapPositions { $0.relu() }).tensor  // [batch, 8, 3, 3]
    return head(maps.reshaped([maps.shape[0], 8 * 3 * 3]))
  }
}
// end Guides/Convolution.md

/// The code of `Guides/Convolution.md`, compiled and run; its lines stand here and there.
@Suite struct ConvolutionGuideTests {
  @Test func theGuideHasThisCode() throws {
    let guide = "Guides/Convolution.md"
    let blocks = try DocumentedCode.blocks(of: guide)
    let regions = try DocumentedCode.regions(of: guide, in: #filePath)
    #expect(!blocks.isEmpty)
    for block in blocks where !regions.contains(block) {
      Issue.record("\(guide): the block that begins '\(block.prefix { $0 != "\n" })' is not here")
    }
    #expect(blocks.sorted() == regions.sorted())
  }

  /// The README's second example.
  @Test func aNetworkLearnsToAdd() throws {
    // begin README.md
    var generator = RandomGenerator(seed: 1)
    let problem = AddingProblem(length: 30)
    var network = SequenceNetwork(
      EncoderConfiguration(cell: .tcn, hiddenSize: 16, layers: 4, directions: .forward),
      inputSize: AddingProblem.features, outputs: 1, using: &generator)
    var optimizer = Adam(learningRate: 5e-3)
    for step in 1...400 {
      let batch = problem.batch(32, using: &generator)
      let (loss, gradients) = valueAndGradient(of: network) { network in
        (network.last(.vectors(batch.inputs)) - batch.sums).squared().mean()
      }
      optimizer.update(&network, with: gradients)
      if step % 100 == 0 { print(step, loss.scalar) }
    }
    // end README.md

    let test = problem.batch(200, using: &generator)
    let error = (network.last(.vectors(test.inputs)) - test.sums).squared().mean().scalar
    #expect(error < 0.08, "always answering 1 gives 0.167")
    let example = try DocumentedCode.blocks(of: "README.md").filter { $0.contains("AddingProblem") }
    #expect(try example == DocumentedCode.regions(of: "README.md", in: #filePath))
  }

  @Test func whatComesOut() {
    var lines: [String] = []
    func print(_ line: Any) { lines.append("\(line)") }
    // begin Guides/Convolution.md
    for stride in 1...3 {
      do {
        print(try Convolution.outputSize(input: 7, kernel: 3, stride: stride, exact: true))
      } catch {
        print(error)
      }
    }
    // end Guides/Convolution.md
    #expect(lines.prefix(2) == ["5", "3"])
    #expect(lines[2].contains("does not fit"))
  }

  @Test func byHand() throws {
    var generator = RandomGenerator(seed: 1)
    // begin Guides/Convolution.md
    let x = generator.normal(shape: [3, 9])
    let weight = generator.normal(shape: [4, 3, 2])
    let bias = generator.normal(shape: [4])
    let slow = convolutionByHand(x, weight: weight, bias: bias)
    let fast = try x.reshaped([1, 3, 9]).convolved(weight: weight, bias: bias)  // [1, 4, 8]
    // end Guides/Convolution.md
    #expect(fast.shape == [1, 4, 8])
    for (a, b) in zip(slow.values, fast.values) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func backAndForth() throws {
    // begin Guides/Convolution.md
    let kernel = Tensor(shape: [1, 1, 3, 3], values: [1, 4, 1, 1, 4, 3, 3, 3, 1])
    let image = Tensor(
      shape: [1, 1, 4, 4], values: [4, 5, 8, 7, 1, 8, 8, 8, 3, 6, 6, 4, 6, 5, 7, 8])
    let small = try image.convolved(weight: kernel)  // 122 148 / 126 134
    let large = try small.transposedConvolved(weight: kernel)  // 4×4 again
    // end Guides/Convolution.md
    #expect(small.values == [122, 148, 126, 134])
    #expect(large.shape == [1, 1, 4, 4])
    #expect(large[0, 0, 0, 0] == 122)
  }

  @Test func aNetworkForImages() throws {
    // begin Guides/Convolution.md
    var generator = RandomGenerator(seed: 1)
    var network = try ImageNetwork(classes: 3, using: &generator)
    var optimizer = Adam(learningRate: 0.01)
    let images = generator.normal(shape: [12, 1, 8, 8])
    let classes: [Int32] = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]

    for _ in 0..<20 {
      var statistics: BatchStatistics? = BatchStatistics()  // training: the batch's own
      let (_, gradients) = valueAndGradient(of: network) { network in
        crossEntropy(network(images, statistics: &statistics), classes)
      }
      optimizer.update(&network, with: gradients)
      network.update(with: statistics)
    }
    var none: BatchStatistics?  // prediction: the moving ones
    let scores = network(images, statistics: &none)
    // end Guides/Convolution.md
    #expect(scores.shape == [12, 3])
    #expect(crossEntropy(scores, classes).scalar < 1)
  }

  @Test func overRaggedSequences() throws {
    var generator = RandomGenerator(seed: 1)
    // begin Guides/Convolution.md
    let sequences = Sequences([
      generator.normal(shape: [12, 3]), generator.normal(shape: [5, 3]),
      generator.normal(shape: [0, 3]),
    ])
    let layer = try Convolution1D(3, 8, kernel: 3, padding: .causal, using: &generator)
    let filtered = layer(sequences)  // lengths 12, 5 and 0, 8 features
    // end Guides/Convolution.md
    #expect(filtered.lengths == [12, 5, 0])
    #expect(filtered.featureCount == 8)
  }

  @Test func aTemporalNetwork() {
    // begin Guides/Convolution.md
    var generator = RandomGenerator(seed: 1)
    let network = TCN(
      inputSize: 3, channels: [16, 16, 16, 16], kernelSize: 3, dilationBase: 2, using: &generator)
    let sequences = Sequences([
      generator.normal(shape: [80, 3]), generator.normal(shape: [80, 3]),
    ])
    print(network.receptiveField)  // 61
    let whole = network(sequences).output  // two sequences of 80 steps, 16 features
    // end Guides/Convolution.md
    #expect(network.receptiveField == 61)
    #expect(whole.lengths == [80, 80] && whole.featureCount == 16)

    // begin Guides/Convolution.md
    var state: TCN.State?
    var pieces: [Tensor] = []
    for start in stride(from: 0, to: 80, by: 20) {
      let chunk = Sequences((0..<2).map { sequences[$0].slice(start..<start + 20) })
      let result = network(chunk, state: state)
      pieces.append(result.output[0])
      state = result.state
    }
    let inChunks = Tensor.concatenated(pieces)  // what whole[0] is
    // end Guides/Convolution.md
    #expect(inChunks.shape == [80, 16])
    for (a, b) in zip(inChunks.values, whole[0].values) { #expect(abs(a - b) < 1e-4) }

    // begin Guides/Convolution.md
    let ends = network.lastOutput(of: sequences)  // [2, 16], what whole.last is
    // end Guides/Convolution.md
    #expect(ends.shape == [2, 16])
    for (a, b) in zip(ends.values, whole.last.values) { #expect(abs(a - b) < 1e-4) }

    // begin Guides/Convolution.md
    let stepper = TCNStepper(network)
    var last = Tensor(zeros: [16])
    for time in 0..<80 {
      last = stepper.step(sequences[0].slice(time..<time + 1).reshaped([3]))
    }
    // end Guides/Convolution.md
    #expect(last.count == 16)
    for (a, b) in zip(last.values, whole[0].slice(79..<80).values) { #expect(abs(a - b) < 1e-4) }
  }

  @Test func layersAround() throws {
    var generator = RandomGenerator(seed: 1)
    // begin Guides/Convolution.md
    let features = FeatureMaps(generator.normal(shape: [2, 4, 8, 8]))
    // One step of a SegNet: down, and back to the same places; zeros elsewhere.
    let (pooled, places) = MaxPooling(2).withIndices(features)
    let restored = MaxUnpooling(places)(pooled)

    // One step of a U-Net: up, cut to size, side by side, and the loss of every position.
    let up = Upsampling(.bilinear, scale: 2)(pooled)
    let joined = FeatureMaps.concatenated([features.centerCropped(to: up.size), up])
    let head = try Convolution2D(8, 3, kernel: 1, using: &generator)
    let labels = (0..<2 * 8 * 8).map { Int32($0 % 3) }
    let loss = crossEntropy(head(joined), labels, ignoring: 255)
    // end Guides/Convolution.md
    #expect(restored.shape == [2, 4, 8, 8])
    #expect(zip(restored.tensor.values, features.tensor.values).allSatisfy { $0 == 0 || $0 == $1 })
    #expect(restored.tensor.values.filter { $0 != 0 }.count == 2 * 4 * 4 * 4)
    #expect(joined.shape == [2, 8, 8, 8])
    #expect(loss.scalar > 0 && loss.scalar.isFinite)
  }
}
