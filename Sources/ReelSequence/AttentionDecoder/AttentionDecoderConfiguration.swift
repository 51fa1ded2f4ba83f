import ReelTensor

/// Every hyper-parameter of a decoder with attention.
public struct AttentionDecoderConfiguration: Sendable, Codable, Equatable {
  /// V, tokens that can come out: classes of the scores.
  public var classes: Int
  /// Tokens that can go in, at least V: a mark for the beginning comes behind the others.
  public var inputs: Int
  /// E, size of the learned vector of each token.
  public var embeddingSize = 128
  public var cell = RecurrentCellKind.lstm
  /// H, units of each layer.
  public var hiddenSize = 256
  public var layers = 1
  public var attention = AttentionKind.general
  /// M, features of a time step of the memory.
  public var memorySize: Int
  /// A, size of the attentional vector.
  public var attentionalSize = 256
  /// Dropout of the embedded tokens, between the layers, and before the scores.
  public var dropout: Float = 0
  /// Whether tokens of the source can be copied: source and target then share the ids below V.
  public var copies = false

  public init(
    classes: Int, inputs: Int, embeddingSize: Int = 128, cell: RecurrentCellKind = .lstm,
    hiddenSize: Int = 256, layers: Int = 1, attention: AttentionKind = .general, memorySize: Int,
    attentionalSize: Int? = nil, dropout: Float = 0, copies: Bool = false
  ) {
    self.classes = classes
    self.inputs = inputs
    self.embeddingSize = embeddingSize
    self.cell = cell
    self.hiddenSize = hiddenSize
    self.layers = layers
    self.attention = attention
    self.memorySize = memorySize
    self.attentionalSize = attentionalSize ?? hiddenSize
    self.dropout = dropout
    self.copies = copies
  }
}
