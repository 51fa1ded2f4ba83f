import ReelLayers
import ReelTensor

/// Connectionist temporal classification (Graves, Fernández, Gomez and Schmidhuber 2006): sequences
/// of labels from longer sequences of frames, without knowing which frame belongs to which label.
///
/// An encoder of any kind gives scores [batch, time, C] of C classes at each time step, one of which
/// is the blank. An alignment is one class for each step; it spells the labelling that is left when
/// repeated classes are merged and blanks are removed. The probability of a labelling l of U labels
/// is the sum over all alignments π that spell it, with y = softmax(scores):
///
///     p(l | x) = Σ_π Π_t y_t(π_t)
///
/// It is computed over the lattice of l with blanks around and between its labels, T·(2U + 1) cells,
/// forward and backward, in numbers of any size: neither long inputs nor very unlikely labels
/// underflow.
///
/// ```swift
/// let (output, _) = encoder(frames)
/// let loss = CTC.loss(head(output), targets: transcripts)
/// let heard = CTC.bestPath(head(output))
/// ```
///
/// A labelling needs a step for each label and one more, for a blank, between equal neighbours. An
/// input shorter than that cannot spell it; an input of no steps spells the empty labelling alone.
public enum CTC {
  /// How the losses of the sequences of a batch become one number.
  public enum Reduction: String, Sendable, Codable, CaseIterable {
    /// Each loss is divided by the length of its target (by 1 where that is empty), then their mean
    /// over the batch is taken: the default of `torch.nn.CTCLoss`. 0 for an empty batch.
    case mean
    /// Their sum.
    case sum
  }

  /// What one sequence may say, and how likely it is.
  public struct Hypothesis: Sendable, Equatable {
    /// The labels, without blanks.
    public var labels: [Int32]
    /// log p(labels | x), in nats, over the alignments that the search kept: all of them where the
    /// beam was wide enough.
    public var logProbability: Double

    public init(labels: [Int32], logProbability: Double) {
      self.labels = labels
      self.logProbability = logProbability
    }
  }

  /// Classes after merging repeats and removing blanks: what an alignment spells.
  public static func collapsed(_ alignment: some Sequence<Int32>, blank: Int32 = 0) -> [Int32] {
    var labels: [Int32] = []
    var previous = blank
    for label in alignment {
      if label != previous && label != blank { labels.append(label) }
      previous = label
    }
    return labels
  }

  static func checkBlank(_ blank: Int32, _ logits: Sequences) {
    precondition(
      blank >= 0 && blank < logits.featureCount,
      "CTC: blank \(blank) of \(logits.featureCount) classes, 0 to \(logits.featureCount - 1) is "
        + "expected")
  }
}
