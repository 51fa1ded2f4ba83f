import ArgumentParser
import ExampleCorpora
import Foundation
import Reel

/// How far back a network remembers, after Linzen, Dupoux and Goldberg (TACL 2016): trained on
/// sentences whose subject stands 1 to 10 words before the verb, tested up to 25. For each distance
/// the accuracy, and how strongly the loss at the verb pulls at the subject: the norm of its
/// gradient in the subject's vector, divided by the one in the last word's.
@main
struct Agreement: ParsableCommand {
  @Flag(help: "Take the means of 10 networks of each cell.") var full = false
  @Option(help: "Passes over the sentences.") var epochs = 2
  @Option(help: "Seed of all that is random.") var seed: UInt64 = 1
  @Option(help: "Where the plot goes.") var plot = "agreement.svg"

  /// Of the test sentences of one distance; the ratio is the quotient of norms.
  typealias Result = (accuracy: Double, logRatio: Double)

  func run() throws {
    let training = try read("train.tsv").map(\.text)
    let test = try Dictionary(grouping: read("test.tsv"), by: \.distance)
      .sorted { $0.key < $1.key }.map { (distance: $0.key, texts: $0.value.map(\.text)) }
    let cells: [EncoderKind] = [.rnn, .gru, .lstm]
    var results = cells.map { _ in test.map { _ in Result(0, 0) } }
    let networks = full ? 10 : 1
    for (index, cell) in cells.enumerated() {
      for network in 0..<networks {
        let model = try learn(cell, training, seed + UInt64(network))
        for (place, (distance, texts)) in test.enumerated() {
          let result = try measure(model, texts, distance)
          results[index][place].accuracy += result.accuracy / Double(networks)
          results[index][place].logRatio += result.logRatio / Double(networks)
        }
      }
    }
    let names = cells.map { $0.rawValue.uppercased() }
    let columns = ["distance", "sentences"] + names + names.map { "gradient \($0)" }
    var table = TextTable(columns.map { ($0, .right) })
    for (place, (distance, texts)) in test.enumerated() {
      let cells = results.map { $0[place] }
      table.add(
        ["\(distance)", "\(texts.count)"]
          + cells.map { String(format: "%.1f %%", 100 * $0.accuracy) }
          + cells.map { String(format: "%.2e", exp($0.logRatio)) })
    }
    print(table.text, terminator: "")

    func lines(_ value: (Result) -> Double) -> [LineChart.Line] {
      zip(names, results).map { name, results in
        LineChart.Line(name, zip(test, results).map { (Double($0.distance), value($1)) })
      }
    }
    let svg = LineChart.svg(
      title: "Agreement of verb and subject", horizontal: "words from the subject to the verb",
      [
        LineChart(title: "accuracy", scale: .percent, lines: lines { $0.accuracy }),
        LineChart(
          title: "gradient at the subject, relative to the last word", scale: .logarithmic,
          lines: lines { exp($0.logRatio) }),
      ])
    try svg.write(toFile: plot, atomically: true, encoding: .utf8)
    print("plot: \(plot)")
  }

  func read(_ file: String) throws -> [(text: LabelledText, distance: Int)] {
    let file = try MappedFile(ExampleCorpora.committed("agreement/\(file)"))
    return try TSVReader(file).records().map { row in
      // The distances count words, so a comma is no word of its own.
      let text = row.fields[1].replacingOccurrences(of: ",", with: "")
      return (LabelledText(text: text, label: row.fields[0]), Int(row.fields[3]) ?? 1)
    }
  }

  func learn(_ cell: EncoderKind, _ texts: [LabelledText], _ seed: UInt64) throws
    -> TextClassifier
  {
    let configuration = TextClassifierConfiguration(
      embeddingSize: 16,
      encoder: EncoderConfiguration(cell: cell, hiddenSize: 32, directions: .forward),
      pooling: .finalStates, dropout: 0)
    var settings = TrainingSettings()
    (settings.epochs, settings.seed, settings.schedule) = (epochs, seed, .constant)
    settings.optimizer = OptimizerConfiguration(.adam, learningRate: 3e-3)
    let model = try TextClassifier(texts: texts, configuration: configuration, seed: seed)
    var trainer = try Trainer(model, training: texts.map(model.example), settings: settings)
    try trainer.train()
    return trainer.best
  }

  func measure(_ model: TextClassifier, _ texts: [LabelledText], _ distance: Int) throws -> Result {
    let answers = model.classify(texts.map(\.text))
    let right = zip(answers, texts).filter { $0.label == $1.label }.count
    let logRatios = try model.saliency(of: texts).map { words in
      // Both norms have the loss's own size as a factor; it is gone from their quotient.
      log(max(words[words.count - distance].norm, 1e-30) / max(words[words.count - 1].norm, 1e-30))
    }
    return (Double(right) / Double(texts.count), logRatios.reduce(0, +) / Double(texts.count))
  }
}
