import Foundation
import Reel
import Testing

/// Nine speakers told apart by their vowels, where `corpora/get japanese-vowels` has fetched them:
/// the figure in Guides/Results.md.
@Suite struct JapaneseVowelsTests {
  private static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
    .appendingPathComponent("corpora/.cache/japanese-vowels").path

  private static func sequences(_ name: String) throws -> [LabelledSequence] {
    try LabelledSequence.read(
      tsv: MappedFile(folder + "/" + name), sequence: "utterance", label: "speaker",
      values: (1...12).map { .name("c\($0)") }, format: TSVFormat(hasHeader: true))
  }

  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: folder + "/train.tsv"),
      "corpora/get japanese-vowels"))
  func accuracy() throws {
    let training = try Self.sequences("train.tsv")
    let test = try Self.sequences("test.tsv")
    #expect(training.count == 270 && test.count == 370)
    var accuracies: [Double] = []
    for seed in UInt64(1)...5 {
      let model = try SequenceClassifier(
        sequences: training,
        configuration: SequenceClassifierConfiguration(
          encoder: EncoderConfiguration(cell: .lstm, hiddenSize: 64), pooling: .mean, dropout: 0.5,
          inputNoise: 0.3), seed: seed)
      var settings = TrainingSettings()
      settings.batch = 16
      settings.epochs = 60
      settings.labelSmoothing = 0.1
      settings.optimizer = OptimizerConfiguration(.adamw, learningRate: 2e-3)
      settings.seed = seed
      var trainer = try Trainer(
        model, training: training.map(model.example), settings: settings)
      try trainer.train()
      let evaluation = trainer.best.evaluate(try test.map(model.example))
      print("seed \(seed): accuracy \(evaluation.accuracy), \(trainer.position.seconds) s")
      accuracies.append(evaluation.accuracy)
    }
    let mean = accuracies.reduce(0, +) / Double(accuracies.count)
    print("mean \(mean)")
    #expect(mean >= 0.975)
  }
}
