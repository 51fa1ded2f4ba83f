/// How many spans there are, were predicted, and were predicted rightly: label and both ends.
public struct SpanCounts: Sendable, Hashable, Codable {
  /// Spans in the right tags.
  public var gold = 0
  /// Spans in the predicted tags.
  public var predicted = 0
  /// Spans that are in both.
  public var correct = 0

  public init(gold: Int = 0, predicted: Int = 0, correct: Int = 0) {
    self.gold = gold
    self.predicted = predicted
    self.correct = correct
  }

  /// correct / predicted, 0…1; 0 where nothing was predicted.
  public var precision: Double { percentPrecision / 100 }
  /// correct / gold, 0…1; 0 where there is nothing to find.
  public var recall: Double { percentRecall / 100 }
  /// 2·precision·recall / (precision + recall), 0…1 (van Rijsbergen 1979 with β = 1); 0 where both
  /// are 0.
  public var f1: Double { percentF1 / 100 }

  // In percent, and in this order of operations, for the report: it has two digits after the point,
  // and a rounding of its own would show in them.
  var percentPrecision: Double { predicted == 0 ? 0 : 100 * Double(correct) / Double(predicted) }
  var percentRecall: Double { gold == 0 ? 0 : 100 * Double(correct) / Double(gold) }
  var percentF1: Double {
    let (precision, recall) = (percentPrecision, percentRecall)
    return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
  }

  static func += (a: inout SpanCounts, b: SpanCounts) {
    a.gold += b.gold
    a.predicted += b.predicted
    a.correct += b.correct
  }
}
