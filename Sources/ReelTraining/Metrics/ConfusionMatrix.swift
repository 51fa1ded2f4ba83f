/// How often each label was answered with each label.
///
/// A measure that would divide by 0 is 0, as in scikit-learn with `zero_division=0`.
public struct ConfusionMatrix: Codable, Sendable, Equatable {
  /// The labels in order.
  public let labels: [String]
  /// `counts[gold][predicted]`, by the labels' numbers.
  public private(set) var counts: [[Int]]

  public init(labels: [String]) {
    self.labels = labels
    counts = [[Int]](repeating: [Int](repeating: 0, count: labels.count), count: labels.count)
  }

  /// Counts one answer.
  public mutating func add(gold: Int, predicted: Int) {
    precondition(
      labels.indices.contains(gold) && labels.indices.contains(predicted),
      "ConfusionMatrix: labels \(gold) and \(predicted) of \(labels.count)")
    counts[gold][predicted] += 1
  }

  /// Adds what another matrix of the same labels counted, for example that of another fold.
  public mutating func add(_ other: ConfusionMatrix) {
    precondition(
      other.labels == labels, "ConfusionMatrix: labels \(other.labels) added to \(labels)")
    for gold in counts.indices {
      for predicted in counts.indices { counts[gold][predicted] += other.counts[gold][predicted] }
    }
  }

  /// Adds counts [gold, predicted], row-major.
  mutating func add(_ table: [Int]) {
    let count = labels.count
    for gold in 0..<count {
      for predicted in 0..<count { counts[gold][predicted] += table[gold * count + predicted] }
    }
  }

  /// The number of answers.
  public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
  /// Answers that were right.
  public var correct: Int { counts.indices.reduce(0) { $0 + counts[$1][$1] } }

  /// Examples that have a label.
  public func goldCount(_ label: Int) -> Int { counts[label].reduce(0, +) }
  /// Examples that were given a label.
  public func predictedCount(_ label: Int) -> Int { counts.reduce(0) { $0 + $1[label] } }

  /// correct / total.
  public var accuracy: Double { Self.ratio(correct, total) }

  /// Of the examples that were given a label, the part that has it.
  public func precision(_ label: Int) -> Double {
    Self.ratio(counts[label][label], predictedCount(label))
  }

  /// Of the examples that have a label, the part that was given it.
  public func recall(_ label: Int) -> Double {
    Self.ratio(counts[label][label], goldCount(label))
  }

  /// 2·precision·recall / (precision + recall).
  public func f1(_ label: Int) -> Double {
    Self.ratio(2 * counts[label][label], goldCount(label) + predictedCount(label))
  }

  /// 1 − the mean recall of the labels that some example has; labels without examples do not count
  /// (scikit-learn: `1 - balanced_accuracy_score`). 0 without examples.
  public var balancedErrorRate: Double {
    let present = labels.indices.filter { goldCount($0) > 0 }
    guard !present.isEmpty else { return 0 }
    return 1 - present.reduce(0) { $0 + recall($1) } / Double(present.count)
  }

  /// The mean F1 of the labels that some example has or was given (scikit-learn:
  /// `f1_score(average="macro")`); 0 without examples.
  public var macroF1: Double {
    let present = labels.indices.filter { goldCount($0) > 0 || predictedCount($0) > 0 }
    guard !present.isEmpty else { return 0 }
    return present.reduce(0) { $0 + f1($1) } / Double(present.count)
  }

  private static func ratio(_ part: Int, _ whole: Int) -> Double {
    whole == 0 ? 0 : Double(part) / Double(whole)
  }
}
