import ReelLayers
import ReelTensor

/// Reads tokens one at a time with a trained network, for one sequence, at the cost of its
/// arithmetic: for generation.
protocol EncoderStepper: AnyObject {
  /// The output after the last token; valid until the next one.
  var output: UnsafePointer<Float> { get }

  /// The state after the last token, of a batch of 1.
  var state: [Tensor] { get }

  func step(token: Int32)
}

/// Reads tokens with a recurrent network. The input projection of every token of the vocabulary is
/// computed once, so a step costs only its recurrent products.
final class RecurrentEncoderStepper: EncoderStepper {
  private let network: any RecurrentStepper
  private let source: Source

  /// Where a token's input projection comes from.
  private enum Source {
    /// One row for each token.
    case table(Tensor)
    /// Computed at each step, where a table would be larger than the weights it saves.
    case embedding(Embedding)
  }

  /// Tables of more values than this (64 MB) are not made.
  private static let largestTable = 1 << 24

  /// - Parameter embedding: nil where the network reads one-hot rows.
  init(_ network: any RecurrentStepper, embedding: Embedding?) {
    self.network = network
    if let embedding {
      let size = embedding.weight.shape[0] * network.projectionSize
      source =
        size <= Self.largestTable
        ? .table(network.projections(of: embedding.weight)) : .embedding(embedding)
    } else {
      source = .table(network.oneHotProjections)
    }
  }

  var output: UnsafePointer<Float> { network.output }
  var state: [Tensor] { network.state }

  func step(token id: Int32) {
    switch source {
    case .table(let table):
      let rows = table.shape[0]
      precondition(id >= 0 && id < rows, "TokenStepper: token \(id) of \(rows)")
      network.step(projection: table.storage.pointer + Int(id) * table.shape[1])
    case .embedding(let embedding):
      let projection = network.projections(of: embedding([id]))
      network.step(projection: projection.storage.pointer)
    }
  }
}

/// Reads tokens with a causal TCN.
final class TCNEncoderStepper: EncoderStepper {
  private let network: TCNStepper
  private let embedding: Embedding?

  /// - Parameter embedding: nil where the network reads one-hot rows.
  init(_ network: TCNStepper, embedding: Embedding?) {
    self.network = network
    self.embedding = embedding
  }

  var output: UnsafePointer<Float> { network.output }
  var state: [Tensor] { network.state.components }

  func step(token id: Int32) {
    guard let weight = embedding?.weight else { return network.step(token: id) }
    let (rows, size) = (weight.shape[0], weight.shape[1])
    precondition(id >= 0 && id < rows, "TokenStepper: token \(id) of \(rows)")
    network.step(weight.storage.pointer + Int(id) * size)
  }
}
