import ReelTensor

/// Batch normalization of rows [rows, channels], forward and backward, each one node.
extension Tensor {
  /// Normalized with the mean and the variance of the rows themselves, which come back as well.
  func batchNormalized(
    gain: Tensor, bias: Tensor, epsilon: Float
  ) -> (normalized: Tensor, moments: ColumnMoments) {
    let moments = FoldedColumns(of: self).moments(self)
    let y = normalizedColumns(
      gain: gain, bias: bias, mean: moments.mean,
      inverse: moments.variance.map { Float(1 / ($0 + Double(epsilon)).squareRoot()) },
      ownMoments: true)
    return (y, moments)
  }

  /// Normalized with a given mean and variance, [channels] each.
  func batchNormalized(
    gain: Tensor, bias: Tensor, mean: Tensor, variance: Tensor, epsilon: Float
  ) -> Tensor {
    normalizedColumns(
      gain: gain, bias: bias, mean: mean.values.map { Double($0) },
      inverse: variance.values.map { Float(1 / (Double($0) + Double(epsilon)).squareRoot()) },
      ownMoments: false)
  }

  /// y = (x − μ)·i ⊙ γ + β with i = 1/√(σ² + ε). With dy the gradient of y, s₁ = Σ dy and
  /// s₂ = Σ dy·(x − μ) over the n rows:
  ///
  ///     dβ = s₁,  dγ = i·s₂,  dx = γ·i·dy                                   (μ, σ² given)
  ///                           dx = γ·i·(dy − s₁/n − (x − μ)·i²·s₂/n)        (μ, σ² of x itself)
  private func normalizedColumns(
    gain: Tensor, bias: Tensor, mean exactMean: [Double], inverse: [Float], ownMoments: Bool
  ) -> Tensor {
    let channels = shape[1]
    let x = detached()
    let scale = zip(gain.values, inverse).map { $0 * $1 }
    // x − μ is taken with μ as a Float; what that leaves out belongs to the constant.
    let mean = exactMean.map { Float($0) }
    let rest = zip(exactMean, mean).map { $0 - Double($1) }
    let offset = zip(bias.values, zip(scale, rest)).map { Float(Double($0) - Double($1.0) * $1.1) }
    let columns = FoldedColumns(of: x)
    let y = columns.mapped(x, mean: mean, scale: scale, offset: offset)
    let (needsX, needsGain, needsBias) = (isWatched, gain.isWatched, bias.isWatched)
    return record(y, from: [self, gain, bias]) { dy in
      let sums = columns.products(x, mean: mean, dy: dy)
      let centred = (0..<channels).map { sums.centred[$0] - rest[$0] * sums.plain[$0] }
      var dx: Tensor?
      if needsX {
        let zeros = [Float](repeating: 0, count: channels)
        let count = Double(max(x.shape[0], 1))
        if ownMoments {
          let slope = (0..<channels).map { channel in
            let i = Double(inverse[channel])
            return Float(-Double(scale[channel]) * i * i * centred[channel] / count)
          }
          let constant = (0..<channels).map { channel in
            Float(
              -Double(scale[channel]) * sums.plain[channel] / count
                - Double(slope[channel]) * rest[channel])
          }
          dx = columns.mapped(
            x, mean: mean, scale: slope, offset: constant, adding: dy, scaled: scale)
        } else {
          dx = columns.mapped(dy, mean: zeros, scale: scale, offset: zeros)
        }
      }
      let dgain = (0..<channels).map { Float(Double(inverse[$0]) * centred[$0]) }
      return [
        dx.map { .dense($0) },
        needsGain ? .dense(Tensor(shape: [channels], values: dgain)) : nil,
        needsBias
          ? .dense(Tensor(shape: [channels], values: sums.plain.map { Float($0) })) : nil,
      ]
    }
  }
}
