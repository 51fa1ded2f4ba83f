import Foundation
import Reel

/// Polyphonic music: the pitches of the next frame, each of 88 keys a question of its own (Boulanger-
/// Lewandowski, Bengio and Vincent 2012).
///
/// Read from JSON: {"train": […], "valid": […], "test": […]}, a piece a list of frames, a frame the
/// list of its MIDI pitches, 21 to 108.
struct ChoralesTask: SequenceTask {
  private struct File: Decodable {
    let train: [[[Int]]]
    let valid: [[[Int]]]
    let test: [[[Int]]]
  }

  static let pitches = 21...108
  let batch: Int
  private let training: [Tensor]
  private let heldOut: [Tensor]
  private let test: [Tensor]

  init(path: String, batch: Int) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let file = try JSONDecoder().decode(File.self, from: data)
    (training, heldOut, test) = (
      try Self.pieces(file.train), try Self.pieces(file.valid), try Self.pieces(file.test)
    )
    self.batch = batch
  }

  /// Pieces of at least two frames, [frames, 88] each, 1 where a key sounds.
  private static func pieces(_ pieces: [[[Int]]]) throws -> [Tensor] {
    try pieces.filter { $0.count > 1 }.map { piece in
      var values = [Float](repeating: 0, count: piece.count * pitches.count)
      for (index, frame) in piece.enumerated() {
        for pitch in frame {
          guard pitches.contains(pitch) else {
            throw ConfigurationError("pitch \(pitch), one of \(pitches) is expected")
          }
          values[index * pitches.count + pitch - pitches.lowerBound] = 1
        }
      }
      return Tensor(shape: [piece.count, pitches.count], values: values)
    }
  }

  var inputSize: Int { Self.pitches.count }
  var outputs: Int { Self.pitches.count }
  var measure: String { "negative log-likelihood a frame" }
  var trainingCount: Int { training.count }
  var stepsPerEpoch: Int { (training.count + batch - 1) / batch }

  /// Mean over the frames of these pieces, all but the first of each.
  private func loss(
    _ network: SequenceNetwork, _ pieces: [Tensor], using generator: inout RandomGenerator?
  ) -> Tensor {
    let inputs = Sequences(pieces.map { $0.slice(0..<$0.shape[0] - 1) })
    let targets = Sequences(pieces.map { $0.slice(1..<$0.shape[0]) })
    return binaryCrossEntropy(network(.vectors(inputs), using: &generator), targets)
  }

  func loss(
    _ network: SequenceNetwork, at place: Place, using generator: inout RandomGenerator?
  ) -> Tensor {
    let pieces = place.examples(batch: batch).map { training[$0] }
    return loss(network, pieces, using: &generator)
  }

  func evaluate(_ network: SequenceNetwork, on part: Part) -> Evaluation {
    var none: RandomGenerator?
    let pieces = part == .test ? test : heldOut
    return Evaluation(loss: Double(loss(network, pieces, using: &none).scalar))
  }
}
