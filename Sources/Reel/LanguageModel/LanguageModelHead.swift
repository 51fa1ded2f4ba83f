import ReelLayers

/// What turns the encoder's output into scores of the next token.
enum LanguageModelHead: Module {
  /// With weights of its own.
  case own(Linear)
  /// With the table of the embedding.
  case tied(TiedLinear)

  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    // Moved out and back in, so that the parameters keep one owner.
    switch consume self {
    case .own(var layer):
      layer.visitParameters(&visitor)
      self = .own(layer)
    case .tied(var layer):
      layer.visitParameters(&visitor)
      self = .tied(layer)
    }
  }

  func callAsFunction(_ x: Sequences, embedding: Embedding?) -> Sequences {
    switch (self, embedding) {
    case (.own(let layer), _): layer(x)
    case (.tied(let layer), let embedding?): layer(x, embedding: embedding)
    case (.tied, nil): Self.missingEmbedding()
    }
  }

  /// `LanguageModelConfiguration.validate` refuses it before a network is made.
  static func missingEmbedding() -> Never {
    preconditionFailure("LanguageModelNetwork: tied weights without an embedding")
  }
}
