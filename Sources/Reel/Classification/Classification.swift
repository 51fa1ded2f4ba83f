import Foundation
import ReelText

/// What a classifier answers.
public struct Classification: Sendable, Equatable {
  /// The most probable label; the first of them, if several are.
  public let label: String
  /// Its probability.
  public let probability: Float
  /// The probability of every label, in the order of the model's labels; they add up to 1.
  public let probabilities: [Float]

  init(labels: [String], logits: [Float]) {
    self.init(labels: labels, probabilities: Self.softmax(logits))
  }

  init(labels: [String], probabilities: [Float]) {
    self.probabilities = probabilities
    var best = 0
    for index in probabilities.indices where probabilities[index] > probabilities[best] {
      best = index
    }
    label = labels[best]
    probability = probabilities[best]
  }

  static func softmax(_ logits: [Float]) -> [Float] {
    let largest = logits.max() ?? 0
    let powers = logits.map { exp(Double($0 - largest)) }
    let sum = powers.reduce(0, +)
    return powers.map { Float($0 / sum) }
  }
}

/// The labels of a training set.
enum LabelSet {
  /// The labels that the outputs stand for: those given, or those of the examples.
  ///
  /// - Throws: `ConfigurationError` where there are no examples, or less than two labels.
  static func labels(of examples: [String], given: [String], what: String) throws -> Labels {
    guard !examples.isEmpty else {
      throw ConfigurationError("the training set is empty: at least 1 labelled \(what) is expected")
    }
    let labels = given.isEmpty ? Labels(of: examples) : try Labels(given)
    guard labels.count >= 2 else {
      throw ConfigurationError(
        "the only label is \(labels.names.map { "\"\($0)\"" }.first ?? "an empty one"): at least 2 "
          + "different ones are expected")
    }
    return labels
  }

  /// The number of a label.
  ///
  /// - Throws: `TextError` with the line, the label and the labels that are known.
  static func index(_ label: String, line: Int, of labels: Labels) throws -> Int32 {
    guard let index = labels.index(of: label) else {
      let shown = labels.names.prefix(20).map { "\"\($0)\"" }.joined(separator: ", ")
      let known = labels.count > 20 ? "\(shown), … (\(labels.count) in all)" : shown
      let place = line > 0 ? "line \(line): " : ""
      throw TextError("\(place)unknown label \"\(label)\", expected one of \(known)")
    }
    return Int32(index)
  }

  /// n / (labels · examples of the label), as scikit-learn's "balanced" class weights; 1 for a label
  /// without examples.
  static func balancedWeights(_ examples: [Int32], labels: Int) -> [Float] {
    var counts = [Int](repeating: 0, count: labels)
    for label in examples { counts[Int(label)] += 1 }
    return counts.map { $0 == 0 ? 1 : Float(examples.count) / Float(labels * $0) }
  }
}
