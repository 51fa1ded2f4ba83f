import Foundation
import ReelLayers
import ReelSequence
import ReelTestSupport

/// CTC by listing all C^T alignments, in Double.
struct CTCOracle {
  /// [time, C], one sequence.
  var logits: [[Double]]
  var blank: Int32

  private var logProbabilities: [[Double]] {
    logits.map { row in
      let largest = row.max() ?? 0
      let sum = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
      return row.map { $0 - sum }
    }
  }

  /// The probability of every labelling that has any.
  var labellings: [[Int32]: Double] {
    let y = logProbabilities
    var result: [[Int32]: Double] = [:]
    var alignments: [(classes: [Int32], log: Double)] = [([], 0)]
    for row in y {
      alignments = alignments.flatMap { alignment in
        row.indices.map { (alignment.classes + [Int32($0)], alignment.log + row[$0]) }
      }
    }
    for (classes, log) in alignments { result[spelt(classes), default: 0] += exp(log) }
    return result
  }

  /// Written apart from the library: groups of equal classes, without those of blanks.
  private func spelt(_ classes: [Int32]) -> [Int32] {
    var groups: [[Int32]] = []
    for label in classes {
      if groups.last?.last == label {
        groups[groups.count - 1].append(label)
      } else {
        groups.append([label])
      }
    }
    return groups.compactMap { $0.first }.filter { $0 != blank }
  }

  func logProbability(of target: [Int32]) -> Double { log(labellings[target] ?? 0) }

  /// ∂ −log p(target) by central differences.
  func gradient(of target: [Int32]) -> [[Double]] {
    var moved = self
    let step = 1e-5
    return logits.indices.map { time in
      logits[time].indices.map { label in
        moved.logits[time][label] = logits[time][label] + step
        let above = moved.logProbability(of: target)
        moved.logits[time][label] = logits[time][label] - step
        let below = moved.logProbability(of: target)
        moved.logits[time][label] = logits[time][label]
        return -(above - below) / (2 * step)
      }
    }
  }
}

/// A random ragged batch with targets that the inputs may or may not be able to spell.
struct CTCCase {
  let logits: Sequences
  let targets: [[Int32]]
  let blank: Int32

  init(
    lengths: [Int], targetLengths: [Int], classes: Int, blank: Int32, scale: Float = 2, seed: UInt64
  ) {
    var random = TestRandom(seed)
    let time = lengths.max() ?? 0
    let tensor = random.tensor([lengths.count, time, classes], in: -scale...scale)
    logits = Sequences(tensor, lengths: lengths)
    targets = targetLengths.map { length in
      (0..<length).map { _ in
        let label = Int32.random(in: 0..<Int32(classes) - 1, using: &random)
        return label >= blank ? label + 1 : label
      }
    }
    self.blank = blank
  }

  func oracle(_ row: Int) -> CTCOracle {
    let tensor = logits[row]
    return CTCOracle(
      logits: (0..<tensor.shape[0]).map { time in
        (0..<tensor.shape[1]).map { Double(tensor[time, $0]) }
      }, blank: blank)
  }
}
