import ReelLayers
import ReelTensor

/// The adding problem (Hochreiter and Schmidhuber 1997): a memory of two numbers over a long time.
///
/// A sequence has two features: numbers drawn uniformly from [0, 1), and a mark that is 1 at two
/// distinct time steps, drawn from all, and 0 elsewhere. What is asked at the end is the sum of the
/// two marked numbers, as in Bai, Kolter and Koltun (2018).
///
/// ```swift
/// var generator = RandomGenerator(seed: 1)
/// let batch = AddingProblem(length: 200).batch(32, using: &generator)
/// ```
public struct AddingProblem: Sendable, Equatable {
  /// Sequences and what they add up to.
  public struct Batch: Sendable {
    /// [batch, time, 2]: the number, and the mark.
    public let inputs: Sequences
    /// [batch, 1].
    public let sums: Tensor
  }

  /// Features of a time step.
  public static let features = 2
  /// The mean squared error of always answering 1, the variance of the sum: 1/6.
  public static let baseline = 1.0 / 6

  /// The lengths, drawn uniformly for each sequence.
  public let lengths: ClosedRange<Int>

  /// Sequences of one length.
  public init(length: Int) { self.init(lengths: length...length) }

  /// Sequences of different length.
  public init(lengths: ClosedRange<Int>) {
    precondition(
      lengths.lowerBound >= 2,
      "AddingProblem: lengths \(lengths) came, at least 2 is expected: two steps are marked")
    self.lengths = lengths
  }

  /// New sequences, drawn from `generator`.
  public func batch(_ count: Int, using generator: inout RandomGenerator) -> Batch {
    precondition(count >= 0, "AddingProblem: a batch of \(count), at least 0 is expected")
    let longest = lengths.upperBound
    var padded = [Float](repeating: 0, count: count * longest * Self.features)
    var sums = [Float](repeating: 0, count: count)
    let drawn = (0..<count).map { row in
      let length = Int.random(in: lengths, using: &generator)
      for time in 0..<length { padded[(row * longest + time) * 2] = generator.uniform() }
      let first = Int.random(in: 0..<length, using: &generator)
      // One of the others: those from `first` on are one step further.
      let other = Int.random(in: 0..<length - 1, using: &generator)
      let second = other < first ? other : other + 1
      for time in [first, second] {
        padded[(row * longest + time) * 2 + 1] = 1
        sums[row] += padded[(row * longest + time) * 2]
      }
      return length
    }
    let values = Tensor(shape: [count, longest, Self.features], values: padded)
    return Batch(
      inputs: Sequences(values, lengths: drawn), sums: Tensor(shape: [count, 1], values: sums))
  }
}
