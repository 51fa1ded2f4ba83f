import ReelLayers
import ReelTensor

/// Generation, token by token: embedding (or one-hot row) → recurrent network → linear head, for one
/// sequence, with everything prepared that does not change from step to step.
///
/// The input projection of every token of the vocabulary is computed once, so a step costs only its
/// recurrent products and the head. The scores are those of the network on the whole sequence, up
/// to rounding.
public final class TokenStepper {
  private let recurrent: any RecurrentStepper
  private let head: Linear
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

  /// - Parameters:
  ///   - embedding: nil where the network reads one-hot rows.
  ///   - state: the state to start from, each component [layers, 1, hidden]; nil means zeros.
  public init(
    embedding: Embedding?, recurrent: RecurrentNetwork, head: Linear,
    state: RecurrentNetwork.State? = nil
  ) {
    self.recurrent = recurrent.stepper(state: state)
    self.head = head
    if let embedding {
      let rows = embedding.weight.shape[0]
      if rows * self.recurrent.projectionSize <= Self.largestTable {
        source = .table(self.recurrent.projections(of: embedding.weight))
      } else {
        source = .embedding(embedding)
      }
    } else {
      source = .table(self.recurrent.oneHotProjections)
    }
  }

  /// The number of scores.
  public var classes: Int { head.weight.shape[0] }

  /// The state after the last token, each component [layers, 1, hidden].
  public var state: RecurrentNetwork.State { recurrent.state }

  /// Reads a token and returns the scores of the one after it, [classes].
  public func scores(after id: Int32) -> Tensor {
    switch source {
    case .table(let table):
      let rows = table.shape[0]
      precondition(id >= 0 && id < rows, "TokenStepper: token \(id) of \(rows)")
      recurrent.step(projection: table.storage.pointer + Int(id) * table.shape[1])
    case .embedding(let embedding):
      let projection = recurrent.projections(of: embedding([id]))
      recurrent.step(projection: projection.storage.pointer)
    }
    let weight = head.weight
    return Tensor.build(shape: [classes]) { scores in
      kernels.multiply_vector(
        classes, weight.shape[1], weight.storage.pointer, weight.shape[1], recurrent.output,
        head.bias?.storage.pointer, scores.baseAddress, false)
    }
  }
}
