import ArgumentParser

/// `reel train`: one subcommand for each kind of model.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a model or a tokenizer.",
    subcommands: [
      TrainLanguageModelCommand.self, TrainClassifierCommand.self, TrainTaggerCommand.self,
      TrainSeq2SeqCommand.self, TrainGeneratorCommand.self, TrainImagesCommand.self,
      TrainTokenizerCommand.self,
    ])
}
