import Foundation
import ReelTensor

/// The forward and the backward pass over one sequence at a time; its memory serves one sequence
/// after the other and grows with the longest one alone.
///
/// Letters: α_t[j] the weight of all beginnings that end in tag j at step t, β_t[j] that of all
/// ends after it, w_t[j] = exp(emission), E = exp(transitions).
///
///     α_t[j] = w_t[j]·Σ_i α_{t−1}[i]·E[i,j],   β_{t−1}[i] = Σ_j E[i,j]·w_t[j]·β_t[j]
///     p(y_t = j) = α_t[j]·β_t[j] / Z,   p(y_{t−1} = i, y_t = j) = α_{t−1}[i]·E[i,j]·w_t[j]·β_t[j] / Z
///
/// α and β are brought to the sum 1 at each step. Where scores lie so far apart that this could lose
/// something, and where they are not finite, the same runs on logarithms.
final class ChainPass {
  let scores: ChainScores
  private let emissions: ChainEmissions
  private let tags: Int
  private let alpha: ChainRows
  /// Only the last two steps, unless all are to be kept.
  private let beta: ChainRows
  /// w_t, or the emissions themselves.
  private let weights: ChainRows
  /// w_t ⊙ β_t, and a row of whatever is needed for a moment.
  private let scratch: ChainRows
  /// Σ_j α_t[j] before it was brought to 1.
  private var sums: [Double]
  private var shifted: [Float]

  private var usesLogarithms = false
  private(set) var length = 0
  private var place = 0
  /// log Z of the sequence.
  private(set) var logPartition = 0.0

  /// - Parameters:
  ///   - longest: the length of the longest sequence that will come.
  ///   - keepsAll: whether `marginal` and `joint` are wanted after the backward pass.
  init(
    _ scores: ChainScores, _ emissions: ChainEmissions, longest: Int, keepsAll: Bool = false
  ) {
    self.scores = scores
    self.emissions = emissions
    tags = scores.tags
    alpha = ChainRows(rows: longest, columns: tags)
    beta = ChainRows(rows: keepsAll ? longest : min(longest, 2), columns: tags)
    weights = ChainRows(rows: longest, columns: tags)
    scratch = ChainRows(rows: 2, columns: tags)
    sums = [Double](repeating: 0, count: longest)
    shifted = [Float](repeating: 0, count: longest * tags)
  }

  /// Runs forward over the sequence at a sorted place, of at least one step.
  func forward(_ place: Int) {
    self.place = place
    length = emissions.length(place)
    if let shift = readWeights(), forwardWeights() {
      usesLogarithms = false
      logPartition += shift
    } else {
      usesLogarithms = true
      for step in 0..<length {
        let row = emissions.row(place, step)
        for tag in 0..<tags { weights[step][tag] = Double(row[tag]) }
      }
      forwardLogarithms()
    }
  }

  /// The score of a sequence of tags; −∞ where it is forbidden.
  func score(_ tag: (Int) -> Int) -> Double {
    var last = tag(0)
    var total = scores.start[0][last] + Double(emissions.row(place, 0)[last])
    for step in 1..<max(length, 1) {
      let next = tag(step)
      total += scores.transitions[last][next] + Double(emissions.row(place, step)[next])
      last = next
    }
    return total + scores.end[0][last]
  }

  /// Runs backward after `forward`.
  ///
  /// - Parameters:
  ///   - target: where the T marginals of a step go; nil: nowhere.
  ///   - joints: receives the sum over steps of the probabilities of neighbouring tags.
  func backward(
    marginals target: (Int) -> UnsafeMutablePointer<Float>?, joints: JointSums? = nil
  ) {
    for step in stride(from: length - 1, through: 0, by: -1) {
      let beta = self.beta[step % self.beta.rows]
      if usesLogarithms {
        backwardLogarithms(step, beta)
        if let row = target(step) {
          for tag in 0..<tags { row[tag] = Float(exp(alpha[step][tag] + beta[tag] - logPartition)) }
        }
        if step > 0, let joints { addJointsFromLogarithms(step, beta, to: joints.direct) }
      } else {
        backwardWeights(step, beta)
        let norm = 1 / overlap(step, beta)
        if let row = target(step) {
          for tag in 0..<tags { row[tag] = Float(alpha[step][tag] * beta[tag] * norm) }
        }
        if step > 0, let joints {
          let ahead = scratch[0]
          for block in stride(from: 0, to: scratch.stride, by: 4) {
            ahead.setVector(block, weights[step].vector(block) * beta.vector(block))
          }
          joints.scaled.addOuterProduct(norm / sums[step], alpha[step - 1], ahead)
        }
      }
    }
  }

  /// p(y_step = tag), after a backward pass that keeps all.
  func marginal(_ step: Int, _ tag: Int) -> Double {
    usesLogarithms
      ? exp(alpha[step][tag] + beta[step][tag] - logPartition)
      : alpha[step][tag] * beta[step][tag] / overlap(step, beta[step])
  }

  /// p(y_{step−1} = from, y_step = to), after a backward pass that keeps all.
  func joint(_ step: Int, _ from: Int, _ to: Int) -> Double {
    let beta = beta[step]
    if usesLogarithms {
      return exp(
        alpha[step - 1][from] + scores.transitions[from][to] + weights[step][to] + beta[to]
          - logPartition)
    }
    return alpha[step - 1][from] * scores.weights[from][to] * weights[step][to] * beta[to]
      / (sums[step] * overlap(step, beta))
  }

  // MARK: Weights

  /// Fills `weights` with exp(emission − largest of its step) and returns the sum of those largest;
  /// nil where the weights cannot be used.
  private func readWeights() -> Double? {
    var total = 0.0
    var range: Float = 0
    var isFinite = true
    for step in 0..<length {
      let row = emissions.row(place, step)
      var (largest, smallest) = (row[0], row[0])
      for tag in 1..<max(tags, 1) {
        largest = row[tag] > largest ? row[tag] : largest
        smallest = row[tag] < smallest ? row[tag] : smallest
      }
      // A NaN or an infinity makes a sum that is not finite either.
      var sum: Float = 0
      for tag in 0..<tags {
        shifted[step * tags + tag] = row[tag] - largest
        sum += shifted[step * tags + tag]
      }
      if !sum.isFinite { isFinite = false }
      range = max(range, largest - smallest)
      total += Double(largest)
    }
    // exp of a Float ends at −87.
    guard isFinite, range < 80,
      scores.canUseWeights(emissionRange: Double(range), steps: length)
    else { return nil }
    shifted.withUnsafeMutableBufferPointer { shifted in
      guard let base = shifted.baseAddress else { return }
      kernels.exponential(length * tags, base, base)
      for step in 0..<length {
        let (row, target) = (base + step * tags, weights[step])
        for tag in 0..<tags { target[tag] = Double(row[tag]) }
      }
    }
    return total
  }

  /// False where nothing is possible: the constraints allow no sequence of this length.
  private func forwardWeights() -> Bool {
    var logarithm = scores.largestStart + scores.largestEnd
    logarithm += Double(length - 1) * scores.largestTransition
    for step in 0..<length {
      let row = alpha[step]
      var sum = 0.0
      if step == 0 {
        for tag in 0..<tags {
          row[tag] = scores.startWeights[0][tag] * weights[0][tag]
          sum += row[tag]
        }
      } else {
        sum = scores.weights.product(alpha[step - 1], times: weights[step], into: row)
      }
      guard sum > 0 else { return false }
      sums[step] = sum
      let norm = 1 / sum
      for block in stride(from: 0, to: alpha.stride, by: 4) {
        row.setVector(block, row.vector(block) * norm)
      }
      logarithm += log(sum)
    }
    var last = 0.0
    for tag in 0..<tags { last += alpha[length - 1][tag] * scores.endWeights[0][tag] }
    logPartition = logarithm + log(last)
    return last > 0
  }

  private func backwardWeights(_ step: Int, _ beta: UnsafeMutablePointer<Double>) {
    guard step < length - 1 else {
      for tag in 0..<tags { beta[tag] = scores.endWeights[0][tag] }
      return
    }
    let next = self.beta[(step + 1) % self.beta.rows]
    let ahead = scratch[1]
    for block in stride(from: 0, to: scratch.stride, by: 4) {
      ahead.setVector(block, weights[step + 1].vector(block) * next.vector(block))
    }
    let norm = 1 / scores.transposedWeights.product(ahead, into: beta)
    for block in stride(from: 0, to: self.beta.stride, by: 4) {
      beta.setVector(block, beta.vector(block) * norm)
    }
  }

  /// Σ_j α_t[j]·β_t[j].
  private func overlap(_ step: Int, _ beta: UnsafePointer<Double>) -> Double {
    var sum = SIMD4<Double>(repeating: 0)
    let alpha = alpha[step]
    for block in stride(from: 0, to: self.alpha.stride, by: 4) {
      sum += alpha.vector(block) * beta.vector(block)
    }
    return sum.sum()
  }

  // MARK: Logarithms

  private func forwardLogarithms() {
    for tag in 0..<tags { alpha[0][tag] = scores.start[0][tag] + weights[0][tag] }
    let sums = scratch[0]
    for step in 1..<max(length, 1) {
      let last = alpha[step - 1]
      for to in 0..<tags {
        let column = scores.transposed[to]
        for from in 0..<tags { sums[from] = last[from] + column[from] }
        alpha[step][to] = weights[step][to] + logSumExp(sums)
      }
    }
    for tag in 0..<tags { sums[tag] = alpha[length - 1][tag] + scores.end[0][tag] }
    logPartition = logSumExp(sums)
  }

  private func backwardLogarithms(_ step: Int, _ beta: UnsafeMutablePointer<Double>) {
    guard step < length - 1 else {
      for tag in 0..<tags { beta[tag] = scores.end[0][tag] }
      return
    }
    let next = self.beta[(step + 1) % self.beta.rows]
    let (ahead, sums) = (scratch[0], scratch[1])
    for to in 0..<tags { ahead[to] = weights[step + 1][to] + next[to] }
    for from in 0..<tags {
      let row = scores.transitions[from]
      for to in 0..<tags { sums[to] = row[to] + ahead[to] }
      beta[from] = logSumExp(sums)
    }
  }

  private func addJointsFromLogarithms(
    _ step: Int, _ beta: UnsafePointer<Double>, to target: ChainRows
  ) {
    for from in 0..<tags {
      let (row, sums) = (scores.transitions[from], target[from])
      let before = alpha[step - 1][from] - logPartition
      for to in 0..<tags {
        sums[to] += exp(before + row[to] + weights[step][to] + beta[to])
      }
    }
  }

  /// log Σ exp of T numbers; −∞ when all are, NaN when one is.
  private func logSumExp(_ values: UnsafePointer<Double>) -> Double {
    var largest = -Double.infinity
    for tag in 0..<tags {
      if values[tag].isNaN { return .nan }
      if values[tag] > largest { largest = values[tag] }
    }
    guard largest > -.infinity else { return largest }
    var sum = 0.0
    for tag in 0..<tags { sum += exp(values[tag] - largest) }
    return largest + log(sum)
  }
}

/// Sums over steps of p(y_{t−1} = i, y_t = j).
final class JointSums {
  /// What has still to be multiplied by E[i,j].
  let scaled: ChainRows
  /// What came from logarithms.
  let direct: ChainRows

  init(tags: Int) {
    scaled = ChainRows(rows: tags, columns: tags)
    direct = ChainRows(rows: tags, columns: tags)
  }
}
