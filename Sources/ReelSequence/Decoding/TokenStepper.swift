import ReelLayers
import ReelTensor

/// Generation, token by token: embedding (or one-hot row) → network → linear head, for one
/// sequence, with everything prepared that does not change from step to step.
///
/// What a step computes from its token alone is computed once for every token of the vocabulary
/// where the network can, so that a step costs only its other products and the head. The scores are
/// those of the network on the whole sequence, up to rounding.
public final class TokenStepper {
  private let encoder: any EncoderStepper
  /// Between the network's output and the head, [in of the head, output]; mostly none.
  private let projection: Tensor?
  private let head: Linear

  /// - Parameters:
  ///   - embedding: nil where the network reads one-hot rows.
  ///   - projection: a matrix [in of the head, output of the network] between the two, if any.
  ///   - state: the state to start from, of a batch of 1; nil means zeros, or what the network has
  ///     learned to start from.
  public init(
    embedding: Embedding?, encoder: SequenceEncoder, projection: Tensor? = nil, head: Linear,
    state: SequenceEncoder.State? = nil
  ) {
    self.encoder = encoder.stepper(embedding: embedding, state: state)
    self.projection = projection
    self.head = head
    let output = encoder.outputSize
    let read = (projection ?? head.weight).shape
    precondition(
      read.last == output && projection.map { $0.shape[0] == head.weight.shape[1] } ?? true,
      "TokenStepper: \(output) features come out of the network, its "
        + "\(projection == nil ? "head" : "projection") \(read) and head \(head.weight.shape) expect "
        + "others")
  }

  /// A language model whose head is tied to its embedding.
  public convenience init(
    embedding: Embedding, encoder: SequenceEncoder, tiedHead head: TiedLinear,
    state: SequenceEncoder.State? = nil
  ) {
    self.init(
      embedding: embedding, encoder: encoder, projection: head.projection,
      head: Linear(weight: embedding.weight, bias: head.bias), state: state)
  }

  /// The number of scores.
  public var classes: Int { head.weight.shape[0] }

  /// The state after the last token, of a batch of 1.
  public var state: SequenceEncoder.State { encoder.state }

  /// Reads a token and returns the scores of the one after it, [classes].
  public func scores(after id: Int32) -> Tensor {
    encoder.step(token: id)
    guard let projection else { return scores(of: encoder.output) }
    let projected = Self.product(projection, encoder.output, bias: nil)
    return projected.withUnsafeValues { values in
      values.baseAddress.map { scores(of: $0) } ?? projected
    }
  }

  private func scores(of x: UnsafePointer<Float>) -> Tensor {
    Self.product(head.weight, x, bias: head.bias)
  }

  private static func product(
    _ weight: Tensor, _ x: UnsafePointer<Float>, bias: Tensor?
  ) -> Tensor {
    let (rows, columns) = (weight.shape[0], weight.shape[1])
    return Tensor.build(shape: [rows]) { y in
      guard let y = y.baseAddress else { return }
      VectorProduct.compute(
        rows: rows, columns: columns, weight.storage, x, bias: bias?.storage.pointer, into: y,
        accumulate: false)
    }
  }
}
