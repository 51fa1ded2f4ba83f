import ReelTensor

/// The running quantities of an optimizer, as a checkpoint saves them.
public struct OptimizerState: Sendable {
  /// One parameter of the model.
  public struct Parameter: Codable, Sendable, Equatable {
    public let path: String
    public let shape: [Int]
    /// Updates that this parameter has had.
    public internal(set) var steps: Int
  }

  /// The name of the rule: `sgd`, `rmsprop`, `adagrad`, `adadelta`, `adam` or `adamw`.
  public let rule: String
  /// In visiting order; empty before the first step.
  public let parameters: [Parameter]
  /// `PATH.QUANTITY`, for example `output.weight.mean`, in the order of `parameters`.
  public let tensors: [(name: String, tensor: Tensor)]

  public init(
    rule: String, parameters: [Parameter], tensors: [(name: String, tensor: Tensor)]
  ) {
    self.rule = rule
    self.parameters = parameters
    self.tensors = tensors
  }
}
