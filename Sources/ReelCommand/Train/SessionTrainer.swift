import Reel

/// A trainer as a session of the tool drives it, whatever it trains.
protocol SessionTrainer: Sendable {
  /// What the rate of the progress counts: "characters", "sentences".
  var itemName: String { get }
  /// Steps and items of all sessions.
  var stepsDone: Int { get }
  var itemsDone: Int { get }
  var epochsDone: Double { get }
  /// The share of the training that is done, 0…1.
  var share: Double { get }
  /// Whether the model of this step is the best so far.
  var isAtBest: Bool { get }
  /// What a person should know at the beginning.
  var opening: [String] { get }

  /// Saves the best model and a checkpoint.
  func save(to folder: String) throws
  mutating func train(
    telling: (Self, SessionEvent) throws -> Void, shouldStop: () -> Bool
  ) throws -> TrainingEnd
}

/// What happens in a session.
enum SessionEvent {
  case step(loss: Double)
  /// What an evaluation found, as a line has it.
  case evaluation([String])
}

extension LanguageModelTrainer: SessionTrainer {
  var itemName: String { model.configuration.tokens.units }
  var stepsDone: Int { position.step }
  var itemsDone: Int { position.step * tokensPerStep }
  var isAtBest: Bool { position.bestStep == position.step }

  var opening: [String] {
    let configuration = model.configuration
    return [
      "\(configuration.cell.rawValue) \(configuration.layers)×\(configuration.hiddenSize)",
      "\(TextFormat.grouped(model.network.parameterCount)) parameters",
      "vocabulary \(TextFormat.grouped(model.tokenizer.vocabularySize))",
      "\(TextFormat.grouped(tokenCounts.training)) \(itemName) to train on",
      "\(TextFormat.grouped(tokenCounts.heldOut)) held out",
    ]
  }

  mutating func train(
    telling: (Self, SessionEvent) throws -> Void, shouldStop: () -> Bool
  ) throws -> TrainingEnd {
    let unit = model.configuration.tokens.unit
    return try train { trainer, event in
      switch event {
      case .step(let loss): try telling(trainer, .step(loss: loss))
      case .evaluation(let evaluation):
        let figures = [
          "held-out loss \(TextFormat.fixed(evaluation.loss, 4)) nats",
          "\(TextFormat.fixed(evaluation.bitsPerToken, 3)) bits per \(unit)",
          "perplexity \(TextFormat.fixed(evaluation.perplexity, 2))",
        ]
        try telling(trainer, .evaluation(figures))
      }
    } shouldStop: {
      shouldStop()
    }
  }
}

extension Trainer: SessionTrainer where Model: TaskModel {
  var itemName: String { Model.itemName }
  var stepsDone: Int { position.step }
  var isAtBest: Bool { position.bestStep == position.step }

  var itemsDone: Int {
    let count = exampleCounts.training
    // The last batch of an epoch may be smaller than the others.
    let inEpoch = (position.step - position.epoch * stepsPerEpoch) * settings.batch
    return position.epoch * count + min(count, max(0, inEpoch))
  }

  var opening: [String] {
    let heldOut = exampleCounts.heldOut
    return model.facts
      + [
        "\(TextFormat.grouped(model.network.parameterCount)) parameters",
        "\(TextFormat.grouped(exampleCounts.training)) \(itemName) to train on",
        heldOut > 0 ? "\(TextFormat.grouped(heldOut)) held out" : "none held out",
      ]
  }

  mutating func train(
    telling: (Self, SessionEvent) throws -> Void, shouldStop: () -> Bool
  ) throws -> TrainingEnd {
    try train { trainer, event in
      switch event {
      case .step(let loss): try telling(trainer, .step(loss: loss))
      case .evaluation(let evaluation):
        let figures = evaluation.figures.map { name, value in
          let name = name.split(separator: "_").joined(separator: " ")
          return "held-out \(name) \(TextFormat.fixed(value, 4))"
        }
        try telling(trainer, .evaluation(figures))
      }
    } shouldStop: {
      shouldStop()
    }
  }
}
