import Reel

/// What the tool has to know of a kind of model that learns from examples.
protocol TaskModel: TrainableModel {
  /// What its examples are called: "sentences".
  static var itemName: String { get }
  /// What the network is, in a few words each: for the line that begins a training.
  var facts: [String] { get }

  /// What an evaluation found.
  static func report(of evaluation: Evaluation) -> EvaluationReport
}

/// One that reads sequences, or writes them.
protocol SequenceTaskModel: TaskModel {
  /// What does that.
  var encoder: EncoderConfiguration { get }
}

/// What an evaluation found, for `--json` and for a person.
struct EvaluationReport {
  /// The keys and values for JSON. Shares and rates are from 0 to 1.
  var fields: [String: JSONField]
  /// The most important in one line.
  var summary: String
  /// More of it, for `reel evaluate`; may be empty.
  var details = ""

  /// 0.8312 → 83.12 %
  static func percent(_ share: Double) -> String { TextFormat.fixed(100 * share, 2) + " %" }
}

extension EncoderConfiguration {
  /// "bidirectional lstm 1×128", "tcn 4×128 kernel 3 (sees 61 steps)"
  var fact: String {
    var shape = "\(cell.rawValue) \(layers)×\(hiddenSize)"
    if let receptiveField {
      shape += " kernel \(kernelSize) (sees \(TextFormat.counted(receptiveField, "step")))"
    }
    return directions == .forward ? shape : "\(directions.rawValue) \(shape)"
  }
}
