import ReelTensor

/// Batch normalization of each channel over the batch and all positions (Ioffe and Szegedy 2015):
/// y = (x − μ) / √(σ² + ε) ⊙ weight + bias.
///
/// Whether it trains is an argument. With `statistics`, μ and σ² (divided by n) are those of the
/// batch itself, gradients flow through them, and they are recorded there;
/// ``Module/update(with:momentum:)`` takes them into the moving statistics after the step, the
/// variance divided by n − 1 as in PyTorch. Without, μ and σ² are the moving statistics.
///
/// Of a ragged batch only the steps that are there count. A batch with a single row (one sequence
/// of one step, one image of one position) has no variance to learn from: it comes out as `bias`,
/// and nothing is recorded.
///
/// Shapes: x, y [..., channels] as ``FeatureMaps`` or `Sequences`, or [batch, channel, ...] as a
/// tensor; `weight`, `bias`, `runningMean`, `runningVariance` [channels]. The last two are buffers,
/// `running_mean` and `running_var` on disk: saved with the parameters, and trained by nobody.
public struct BatchNorm: Module {
  public var weight: Tensor
  public var bias: Tensor
  public var runningMean: Tensor
  public var runningVariance: Tensor
  public let epsilon: Float

  /// Weight 1, bias 0, moving mean 0, moving variance 1.
  public init(_ channels: Int, epsilon: Float = 1e-5) {
    precondition(channels > 0, "BatchNorm(\(channels)): the number of channels must be positive")
    weight = Tensor(repeating: 1, shape: [channels])
    bias = Tensor(zeros: [channels])
    runningMean = Tensor(zeros: [channels])
    runningVariance = Tensor(repeating: 1, shape: [channels])
    self.epsilon = epsilon
  }

  /// The number of channels.
  public var channelCount: Int { weight.shape[0] }

  public mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
    visitor.visit("weight", &weight)
    visitor.visit("bias", &bias)
    visitor.visitBuffer("running_mean", &runningMean)
    visitor.visitBuffer("running_var", &runningVariance)
  }

  /// The batch's own statistics, recorded in `statistics`; the moving ones where that is nil.
  public func callAsFunction(
    _ x: FeatureMaps, statistics: inout BatchStatistics?
  ) -> FeatureMaps {
    x.mapPositions { rows($0, of: x.shape, &statistics) }
  }

  /// The same over all steps of all sequences.
  public func callAsFunction(_ x: Sequences, statistics: inout BatchStatistics?) -> Sequences {
    x.mapSteps { rows($0, of: $0.shape, &statistics) }
  }

  /// The same of a tensor [batch, channel] or [batch, channel, ...].
  public func callAsFunction(_ x: Tensor, statistics: inout BatchStatistics?) -> Tensor {
    precondition(
      x.rank >= 2 && x.rank <= 5,
      "BatchNorm: shape \(x.shape) came, [batch, \(channelCount)] or [batch, \(channelCount), …] "
        + "with up to three axes is expected")
    if x.rank == 2 { return rows(x, of: x.shape, &statistics) }
    return self(FeatureMaps(x), statistics: &statistics).tensor
  }

  /// With the moving statistics.
  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    var none: BatchStatistics?
    return self(x, statistics: &none)
  }

  /// With the moving statistics.
  public func callAsFunction(_ x: Sequences) -> Sequences {
    var none: BatchStatistics?
    return self(x, statistics: &none)
  }

  /// With the moving statistics.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    var none: BatchStatistics?
    return self(x, statistics: &none)
  }

  private func rows(
    _ x: Tensor, of shape: [Int], _ statistics: inout BatchStatistics?
  ) -> Tensor {
    precondition(
      x.shape[1] == channelCount,
      "BatchNorm: \(x.shape[1]) channels came in a batch of shape \(shape), \(channelCount) are "
        + "expected by the weight of shape \(weight.shape)")
    guard statistics != nil else {
      return x.batchNormalized(
        gain: weight, bias: bias, mean: runningMean, variance: runningVariance, epsilon: epsilon)
    }
    let (y, moments) = x.batchNormalized(gain: weight, bias: bias, epsilon: epsilon)
    if moments.count > 1 {
      statistics?.record(moments.mean, for: runningMean)
      statistics?.record(moments.unbiasedVariance, for: runningVariance)
    }
    return y
  }
}
