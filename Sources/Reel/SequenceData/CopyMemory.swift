import Foundation
import ReelLayers
import ReelTensor

/// The copying memory task (Hochreiter and Schmidhuber 1997; in this form Arjovsky, Shah and Bengio
/// 2016; Bai, Kolter and Koltun 2018): symbols to be repeated after a long silence.
///
/// With M symbols to remember out of S, and a silence of T, a sequence has T + 2·M time steps: M
/// symbols drawn from 1…S, T − 1 blanks (0), and M + 1 delimiters (S + 1), the first of which says
/// that the answer begins. Asked for are blanks, and at the last M steps the symbols in their order.
///
/// Whoever remembers nothing does best with a cross-entropy of M·ln S / (T + 2·M) nats a step.
public struct CopyMemory: Sendable, Equatable {
  public struct Batch: Sendable {
    /// Ids 0…S + 1, `classes` of them.
    public let inputs: TokenSequences
    /// The id that is asked for at each time step.
    public let targets: TokenSequences
  }

  /// T, the silence.
  public let blanks: Int
  /// M, the symbols to remember.
  public let memory: Int
  /// S, of how many kinds they are.
  public let symbols: Int

  public init(blanks: Int, memory: Int = 10, symbols: Int = 8) {
    precondition(
      blanks >= 1 && memory >= 1 && symbols >= 1,
      "CopyMemory: \(blanks) blanks, \(memory) to remember of \(symbols) symbols; each must be at "
        + "least 1")
    self.blanks = blanks
    self.memory = memory
    self.symbols = symbols
  }

  /// Ids that there are: the blank, the symbols and the delimiter.
  public var classes: Int { symbols + 2 }
  /// T + 2·M time steps.
  public var length: Int { blanks + 2 * memory }
  /// Nats a step without any memory.
  public var baseline: Double { Double(memory) * log(Double(symbols)) / Double(length) }

  /// New sequences, drawn from `generator`.
  public func batch(_ count: Int, using generator: inout RandomGenerator) -> Batch {
    precondition(count >= 0, "CopyMemory: a batch of \(count), at least 0 is expected")
    var inputs: [[Int32]] = []
    var targets: [[Int32]] = []
    for _ in 0..<count {
      let remembered = (0..<memory).map { _ in
        Int32.random(in: 1...Int32(symbols), using: &generator)
      }
      inputs.append(
        remembered + [Int32](repeating: 0, count: blanks - 1)
          + [Int32](repeating: Int32(symbols + 1), count: memory + 1))
      targets.append([Int32](repeating: 0, count: blanks + memory) + remembered)
    }
    return Batch(inputs: TokenSequences(inputs), targets: TokenSequences(targets))
  }

  /// The share of the remembered symbols that have the highest score at their step.
  ///
  /// - Parameter logits: [batch, time, classes], for `targets` of a batch.
  public func recall(_ logits: Sequences, _ targets: TokenSequences) -> Double {
    precondition(
      logits.layout == targets.layout && logits.featureCount == classes,
      "CopyMemory: \(logits.featureCount) scores at \(logits.lengths) steps, \(classes) at "
        + "\(targets.lengths) are expected")
    // All rows have one length, so the last steps of all are the last rows of both.
    let count = memory * logits.layout.batch
    let first = logits.layout.total - count
    let best = logits.values.slice(first..<first + count).argumentMaximum()
    let right = zip(best, targets.ids.suffix(count)).count { $0 == Int($1) }
    return Double(right) / Double(max(count, 1))
  }
}
