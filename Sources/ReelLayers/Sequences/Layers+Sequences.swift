import ReelTensor

// Layers that look at one time step alone take whole batches of sequences.

extension Linear {
  /// The same affine map at every time step.
  public func callAsFunction(_ x: Sequences) -> Sequences { x.mapSteps { self($0) } }

  /// The affine map of one-hot rows at every time step, looked up; see
  /// ``Linear/callAsFunction(_:)-(OneHot)``. A negative id gives the bias alone.
  public func callAsFunction(oneHot tokens: TokenSequences) -> Sequences {
    Sequences(values: self(OneHot(tokens.ids, width: weight.shape[1])), layout: tokens.layout)
  }
}

extension TiedLinear {
  /// The same scores at every time step.
  public func callAsFunction(_ x: Sequences, embedding: Embedding) -> Sequences {
    x.mapSteps { self($0, embedding: embedding) }
  }
}

extension Embedding {
  /// The vector of each token.
  public func callAsFunction(_ tokens: TokenSequences) -> Sequences {
    Sequences(values: self(tokens.ids), layout: tokens.layout)
  }
}

extension Dropout {
  public func callAsFunction(
    _ x: Sequences, using generator: inout RandomGenerator?
  ) -> Sequences {
    x.mapSteps { self($0, using: &generator) }
  }
}

extension LayerNorm {
  public func callAsFunction(_ x: Sequences) -> Sequences { x.mapSteps { self($0) } }
}

/// Mean cross-entropy over all time steps of all sequences, in nats; see
/// ``crossEntropy(_:_:smoothing:)-(Tensor,_,_)``. A negative target is ignored.
public func crossEntropy(
  _ logits: consuming Sequences, _ targets: TokenSequences, smoothing: Float = 0
) -> Tensor {
  let layout = logits.layout
  precondition(
    layout == targets.layout,
    "crossEntropy: logits of lengths \(layout.lengths), targets of lengths \(targets.lengths)")
  return crossEntropy(logits.takenValues(), targets.ids, smoothing: smoothing)
}
