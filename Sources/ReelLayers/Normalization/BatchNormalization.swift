import ReelTensor

/// Batch normalization of rows [rows, channels], forward and backward, each one node.
extension Tensor {
  /// Normalized with the mean and the variance of the rows themselves, which come back as well.
  func batchNormalized(
    gain: Tensor, bias: Tensor, epsilon: Float
  ) -> (normalized: Tensor, moments: ColumnMoments) {
    let moments = ColumnMoments(of: self)
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
    let y = Self.mappedColumns(of: x, mean: mean, scale: scale, offset: offset)
    let (needsX, needsGain, needsBias) = (isWatched, gain.isWatched, bias.isWatched)
    return record(y, from: [self, gain, bias]) { dy in
      let sums = ColumnSums(of: dy, around: mean, in: x)
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
          dx = Self.mappedColumns(
            of: x, mean: mean, scale: slope, offset: constant, adding: dy, scaled: scale)
        } else {
          dx = Self.mappedColumns(of: dy, mean: zeros, scale: scale, offset: zeros)
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

  /// y = scale·(x − mean) + offset for each column, plus `factor`·other where there is another.
  private static func mappedColumns(
    of x: Tensor, mean: [Float], scale: [Float], offset: [Float], adding other: Tensor? = nil,
    scaled factor: [Float] = []
  ) -> Tensor {
    let (rows, channels) = (x.shape[0], x.shape[1])
    let y = Tensor(shape: x.shape, storage: Storage(count: x.count))
    // In plain memory: an array in the inner loop would be checked at every element.
    let factors = Storage(count: 4 * channels)
    let parts = [mean, scale, offset, factor.isEmpty ? scale : factor]
    for (part, values) in parts.enumerated() {
      _ = UnsafeMutableBufferPointer(start: factors.pointer + part * channels, count: channels)
        .update(from: values)
    }
    Threads.forEachRange(of: rows, size: ColumnPieces.rows(channels: channels)) { range in
      let mean = factors.pointer
      let (scale, offset, factor) = (mean + channels, mean + 2 * channels, mean + 3 * channels)
      for row in range {
        let source = x.storage.pointer + row * channels
        let target = y.storage.pointer + row * channels
        if let other {
          let term = other.storage.pointer + row * channels
          for c in 0..<channels {
            target[c] = factor[c] * term[c] + (scale[c] * (source[c] - mean[c]) + offset[c])
          }
        } else {
          for c in 0..<channels { target[c] = scale[c] * (source[c] - mean[c]) + offset[c] }
        }
      }
    }
    return y
  }
}

/// How rows are cut for a thread: two passes over a piece find it in the cache, and a sum in
/// Floats stays short.
private enum ColumnPieces {
  static func rows(channels: Int) -> Int { max(32, min(256, (1 << 15) / max(channels, 1))) }
}

/// The mean and the variance (divided by n) of each column of [rows, columns].
///
/// Each piece of rows takes its mean, and then the sum of the deviations from it, which says what the
/// mean's rounding left out, and the sum of their squares. The pieces are joined in order, in Double
/// (Chan, Golub and LeVeque 1983). A mean far from 0 costs no digits.
struct ColumnMoments {
  let count: Int
  private(set) var mean: [Double]
  private(set) var variance: [Double]

  init(of x: Tensor) {
    let (rows, columns) = (x.shape[0], x.shape[1])
    let size = ColumnPieces.rows(channels: columns)
    let pieces = (rows + size - 1) / size
    // Of each piece: mean, sum of deviations, sum of their squares.
    let parts = Storage(count: pieces * 3 * columns)
    Threads.forEachRange(of: rows, size: size) { range in
      let first = x.storage.pointer + range.lowerBound * columns
      let mean = parts.pointer + range.lowerBound / size * 3 * columns
      let (sums, squares) = (mean + columns, mean + 2 * columns)
      kernels.sum_columns(range.count, columns, first, columns, mean, false)
      kernels.scale_add(columns, 1 / Float(range.count), 0, mean, mean)
      sums.update(repeating: 0, count: 2 * columns)
      for row in 0..<range.count {
        let x = first + row * columns
        for c in 0..<columns {
          let deviation = x[c] - mean[c]
          sums[c] += deviation
          squares[c] += deviation * deviation
        }
      }
    }
    count = rows
    mean = [Double](repeating: 0, count: columns)
    variance = mean
    var seen = 0.0
    for piece in 0..<pieces {
      let part = parts.pointer + piece * 3 * columns
      let own = Double(min(size, rows - piece * size))
      let total = seen + own
      for c in 0..<columns {
        let rest = Double(part[columns + c])
        let difference = Double(part[c]) + rest / own - mean[c]
        mean[c] += difference * own / total
        variance[c] +=
          Double(part[2 * columns + c]) - rest * rest / own
          + difference * difference * seen * own / total
      }
      seen = total
    }
    if rows > 0 { for c in 0..<columns { variance[c] = max(variance[c], 0) / Double(rows) } }
  }

  /// The variance divided by n − 1.
  var unbiasedVariance: [Double] {
    variance.map { $0 * Double(count) / Double(max(count - 1, 1)) }
  }
}

/// Σ dy and Σ dy·(x − mean) of each column, piece by piece, the pieces joined in order in Double.
private struct ColumnSums {
  private(set) var plain: [Double]
  private(set) var centred: [Double]

  init(of dy: Tensor, around mean: [Float], in x: Tensor) {
    let (rows, columns) = (x.shape[0], x.shape[1])
    let size = ColumnPieces.rows(channels: columns)
    let pieces = (rows + size - 1) / size
    let parts = Storage(count: pieces * 2 * columns)
    let (values, gradient) = (Shared(x.storage.pointer), Shared(dy.storage.pointer))
    Threads.forEachRange(of: rows, size: size) { range in
      let plain = parts.pointer + range.lowerBound / size * 2 * columns
      let centred = plain + columns
      plain.update(repeating: 0, count: 2 * columns)
      mean.withUnsafeBufferPointer { mean in
        for row in range {
          let x = values.pointer + row * columns
          let dy = gradient.pointer + row * columns
          for c in 0..<columns {
            plain[c] += dy[c]
            centred[c] += dy[c] * (x[c] - mean[c])
          }
        }
      }
    }
    plain = [Double](repeating: 0, count: columns)
    centred = plain
    for piece in 0..<pieces {
      let part = parts.pointer + piece * 2 * columns
      for c in 0..<columns {
        plain[c] += Double(part[c])
        centred[c] += Double(part[columns + c])
      }
    }
  }
}
