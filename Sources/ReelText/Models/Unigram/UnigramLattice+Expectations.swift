import Glibc

extension UnigramLattice {
  /// Adds to `expected`, for each piece, how often it comes in a word's segmentations, each weighted
  /// by its probability given the word, times `count`.
  ///
  /// - Returns: the logarithm of the word's probability, the sum over its segmentations.
  package mutating func addExpectations(
    of word: UnsafeBufferPointer<UInt8>, count: Double, to expected: inout [Double]
  ) -> Double {
    guard !word.isEmpty else { return 0 }
    findEdges(word, byLogarithms: false)
    let total =
      addProbabilities(word.count, count, &expected)
      ?? addExpectationsByLogarithms(of: word, count: count, to: &expected)
    scaling.note(total, bytes: word.count)
    return total
  }

  /// As above, always with logarithms: slow, for words of any length.
  package mutating func addExpectationsByLogarithms(
    of word: UnsafeBufferPointer<UInt8>, count: Double, to expected: inout [Double]
  ) -> Double {
    guard !word.isEmpty else { return 0 }
    findEdges(word, byLogarithms: true)
    let length = word.count
    reserve(length)
    for position in 0...length {
      forward[position] = -.infinity
      backward[position] = -.infinity
    }
    forward[0] = 0
    backward[length] = 0
    for edge in edges {
      Self.add(forward[Int(edge.start)] + edge.weight, to: &forward[Int(edge.end)])
    }
    let total = forward[length]
    for edge in edges.reversed() {
      let rest = edge.weight + backward[Int(edge.end)]
      Self.add(rest, to: &backward[Int(edge.start)])
      if edge.piece >= 0 {
        expected[Int(edge.piece)] += count * exp(forward[Int(edge.start)] + rest - total)
      }
    }
    return total
  }

  /// Adds a number to a sum, both given and left as logarithms.
  @inline(__always)
  private static func add(_ addend: Double, to sum: inout Double) {
    let (low, high) = sum < addend ? (sum, addend) : (addend, sum)
    sum = low == -.infinity ? high : high + log1p(exp(low - high))
  }

  /// Forward and backward sums of scaled probabilities.
  ///
  /// - Returns: nil, with nothing added, where a sum leaves the range in which it is exact.
  private mutating func addProbabilities(
    _ length: Int, _ count: Double, _ expected: inout [Double]
  ) -> Double? {
    reserve(length)
    let factors = scaling.factors
    return edges.withUnsafeMutableBufferPointer { edges in
      forward.withUnsafeMutableBufferPointer { forward in
        backward.withUnsafeMutableBufferPointer { backward -> Double? in
          for position in 0...length {
            forward[position] = 0
            backward[position] = 0
          }
          forward[0] = 1
          backward[length] = 1
          for index in edges.indices {
            let edge = edges[index]
            let sum = forward[Int(edge.start)]
            guard LatticeScaling.exact.contains(sum) else { return nil }
            let weight = edge.weight * factors[Int(edge.end - edge.start)]
            edges[index].weight = weight
            forward[Int(edge.end)] += sum * weight
          }
          let total = forward[length]
          for edge in edges.reversed() {
            let rest = backward[Int(edge.end)]
            guard LatticeScaling.exact.contains(rest) else { return nil }
            backward[Int(edge.start)] += edge.weight * rest
          }
          guard LatticeScaling.exact.contains(total), LatticeScaling.exact.contains(backward[0])
          else { return nil }
          let scale = count / total
          for edge in edges where edge.piece >= 0 {
            // In this order no product leaves the range: all segmentations together are `total`.
            let sum = forward[Int(edge.start)] * edge.weight * backward[Int(edge.end)]
            expected[Int(edge.piece)] += scale * sum
          }
          return log(total) - scaling.rate * Double(length)
        }
      }
    }
  }
}

/// Factors that keep sums of probabilities near 1: a piece of n bytes has its probability times
/// e^(rate · n), so that all segmentations of a word have the same factor.
struct LatticeScaling {
  /// Sums in this range, and products of two of them with a probability, are far from the limits of
  /// `Double`.
  static let exact = 1e-140...1e140

  /// The mean loss of a byte, −log p, of the words before.
  private(set) var rate = 0.0
  /// e^(rate · n) for pieces of 0, 1, 2, … bytes.
  private(set) var factors: [Double]

  private var loss = 0.0
  private var bytes = 0
  private var nextUpdate = 64

  init(longestPiece: Int) {
    factors = [Double](repeating: 1, count: longestPiece + 1)
  }

  /// Takes a word's probability into account.
  mutating func note(_ total: Double, bytes count: Int) {
    loss -= total
    bytes += count
    guard bytes >= nextUpdate else { return }
    nextUpdate = 2 * bytes
    rate = loss / Double(bytes)
    for length in factors.indices { factors[length] = exp(rate * Double(length)) }
  }
}
