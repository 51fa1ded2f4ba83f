import Reel

/// What the training of a task came to: the JSON of `reel train classifier --json` and its like.
struct TaskTrainingResult {
  let json: JSONField
  /// The same for a person.
  let summary: String

  /// - Parameter evaluation: of the model in the folder, on the held-out examples; nil without any.
  init<Model: TaskModel>(
    _ trainer: Trainer<Model>, evaluation: EvaluationReport?, ended: TrainingEnd, folder: String,
    totalSeconds: Double
  ) {
    let position = trainer.position
    let (items, noun) = (trainer.itemsDone, trainer.itemName)
    let rate = position.seconds > 0 ? Double(items) / position.seconds : nil
    var fields: [String: JSONField] = [
      "steps": .integer(position.step), "epochs": .number(trainer.epochsDone),
      "seconds": .number(position.seconds), "total_seconds": .number(totalSeconds),
      "examples_per_second": .number(rate),
      "parameters": .integer(trainer.model.network.parameterCount),
      "training_examples": .integer(trainer.exampleCounts.training),
      "validation_examples": .integer(trainer.exampleCounts.heldOut),
      "best_step": .integer(position.bestStep), "ended": .text(ended.rawValue),
      "model": .text(folder),
    ]
    var lines: [String] = []
    if let evaluation {
      fields.merge(evaluation.fields) { own, _ in own }
      lines.append(
        "held out: \(evaluation.summary)"
          + (position.bestStep.map { " (at step \(TextFormat.grouped($0)))" } ?? ""))
    }
    let speed = rate.map { ", \(TextFormat.grouped(Int($0))) \(noun)/s" } ?? ""
    lines.append(
      "\(TextFormat.counted(position.step, "step")), "
        + "\(TextFormat.fixed(trainer.epochsDone, 2)) epochs, "
        + "\(TextFormat.duration(position.seconds)) of training\(speed)")
    switch ended {
    case .finished: break
    case .stoppedEarly: lines.append("stopped early: the held-out result no longer improved")
    case .stopped: lines.append("stopped before the end")
    }
    lines.append("model in \(folder)")
    json = .object(fields)
    summary = lines.joined(separator: "\n") + "\n"
  }
}
