import Foundation
import Reel

/// What a training came to: the JSON of `reel train language-model --json`.
struct TrainingResult: Encodable {
  /// Of the model in the folder, in nats for each token; null when nothing was evaluated.
  let validationLoss: JSONNumber
  let bitsPerToken: JSONNumber
  let perplexity: JSONNumber
  /// Steps, epochs and seconds of training over all sessions; evaluations are not in the seconds.
  let steps: Int
  let epochs: Double
  let seconds: Double
  /// Seconds of this session, reading and evaluating included.
  let totalSeconds: Double
  let tokensPerSecond: JSONNumber
  let parameters: Int
  /// The step of the model in the folder.
  let bestStep: Int?
  let ended: TrainingEnd
  let model: String

  private enum CodingKeys: CodingKey {
    case validationLoss, bitsPerToken, perplexity, steps, epochs, seconds, totalSeconds
    case tokensPerSecond, parameters, bestStep, ended, model
  }

  init(
    _ trainer: LanguageModelTrainer, ended: TrainingEnd, folder: String,
    totalSeconds: Double
  ) {
    let position = trainer.position
    let loss = position.bestLoss
    validationLoss = JSONNumber(loss)
    bitsPerToken = JSONNumber(loss.map { CrossEntropyUnits.bits(nats: $0) })
    perplexity = JSONNumber(loss.map { CrossEntropyUnits.perplexity(nats: $0) })
    steps = position.step
    epochs = trainer.epochsDone
    seconds = position.seconds
    self.totalSeconds = totalSeconds
    tokensPerSecond = JSONNumber(
      position.seconds > 0
        ? Double(position.step * trainer.tokensPerStep) / position.seconds : nil)
    parameters = trainer.model.network.parameterCount
    bestStep = position.bestStep
    self.ended = ended
    model = folder
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(validationLoss, forKey: .validationLoss)
    try container.encode(bitsPerToken, forKey: .bitsPerToken)
    try container.encode(perplexity, forKey: .perplexity)
    try container.encode(steps, forKey: .steps)
    try container.encode(epochs, forKey: .epochs)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(totalSeconds, forKey: .totalSeconds)
    try container.encode(tokensPerSecond, forKey: .tokensPerSecond)
    try container.encode(parameters, forKey: .parameters)
    // Null, not missing, where there is none.
    try container.encode(bestStep, forKey: .bestStep)
    try container.encode(ended, forKey: .ended)
    try container.encode(model, forKey: .model)
  }

  /// The same for a person.
  func summary(tokens: TokenizerKind) -> String {
    var lines: [String] = []
    if let loss = validationLoss.value {
      let bits = CrossEntropyUnits.bits(nats: loss)
      lines.append(
        "held-out loss \(TextFormat.fixed(loss, 4)) nats, \(TextFormat.fixed(bits, 3)) bits per "
          + "\(tokens.unit), perplexity \(TextFormat.fixed(CrossEntropyUnits.perplexity(nats: loss), 2))"
          + (bestStep.map { " (at step \(TextFormat.grouped($0)))" } ?? ""))
    }
    let speed =
      tokensPerSecond.value.map { ", \(TextFormat.grouped(Int($0))) \(tokens.units)/s" } ?? ""
    lines.append(
      "\(TextFormat.counted(steps, "step")), \(TextFormat.fixed(epochs, 2)) epochs, "
        + "\(TextFormat.duration(seconds)) of training\(speed)")
    switch ended {
    case .finished: break
    case .stoppedEarly: lines.append("stopped early: the held-out loss no longer fell")
    case .stopped: lines.append("stopped before the end")
    }
    lines.append("model in \(model)")
    return lines.joined(separator: "\n") + "\n"
  }
}
