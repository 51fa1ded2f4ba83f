import Reel

/// MNIST, pixel by pixel: one class after 784 steps.
struct PixelTask: SequenceTask {
  let batch: Int
  private let training: PixelSequences
  private let heldOut: PixelSequences
  private let test: PixelSequences

  /// The last 5,000 training images choose the epoch.
  private static let heldOutCount = 5000

  /// - Parameters:
  ///   - folder: with the four files of MNIST or Fashion-MNIST, unpacked.
  ///   - images: train on the first ones alone; nil: on all but the held-out ones.
  init(folder: String, order: PixelSequences.Order, images: Int?, batch: Int) throws {
    func read(_ name: String) throws -> PixelSequences {
      var images = try PixelSequences(
        images: "\(folder)/\(name)-images-idx3-ubyte", labels: "\(folder)/\(name)-labels-idx1-ubyte"
      )
      images.order = order
      return images
    }
    var (all, test) = (try read("train"), try read("t10k"))
    all.scale = all.pixelScale
    test.scale = all.scale
    let rest = all.count - Self.heldOutCount
    guard rest > 0 else {
      throw ConfigurationError(
        "\(all.count) training images, more than \(Self.heldOutCount) are expected")
    }
    training = all[0..<min(images ?? rest, rest)]
    heldOut = all[rest..<all.count]
    self.test = test
    self.batch = batch
  }

  var inputSize: Int { training.features }
  var outputs: Int { max(training.classes, 2) }
  var measure: String { "cross-entropy" }
  var trainingCount: Int { training.count }
  var stepsPerEpoch: Int { (training.count + batch - 1) / batch }

  func loss(
    _ network: SequenceNetwork, at place: Place, using generator: inout RandomGenerator?
  ) -> Tensor {
    let batch = training.batch(place.examples(batch: batch))
    return crossEntropy(network.last(.vectors(batch.inputs), using: &generator), batch.labels)
  }

  func evaluate(_ network: SequenceNetwork, on part: Part) -> Evaluation {
    var none: RandomGenerator?
    let images = part == .test ? test : heldOut
    var (loss, right) = (0.0, 0)
    for start in stride(from: 0, to: images.count, by: 200) {
      let batch = images.batch(start..<min(images.count, start + 200))
      let logits = network.last(.vectors(batch.inputs), using: &none)
      loss += Double(crossEntropy(logits, batch.labels).scalar) * Double(batch.labels.count)
      right += zip(logits.argumentMaximum(), batch.labels).count { $0 == Int($1) }
    }
    return Evaluation(
      loss: loss / Double(images.count), accuracy: Double(right) / Double(images.count))
  }
}
