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

  func run() throws {
    let train = try AgreementCorpus("agreement/train.tsv")
    let test = try AgreementCorpus("agreement/test.tsv", vocabulary: train.vocabulary)
    let cells: [RecurrentCellKind] = [.rnn, .gru, .lstm]
    var results: [[DistanceResult]] = []
    for cell in cells {
      let seeds = (0..<(full ? 10 : 1)).map { seed + UInt64($0) }
      results.append(DistanceResult.means(seeds.map { measure(learn(cell, train, $0), test) }))
    }
    let names = cells.map { $0.rawValue.uppercased() }
    print(DistanceResult.table(names, results), terminator: "")
    try DistanceResult.chart(names, results).write(toFile: plot, atomically: true, encoding: .utf8)
    print("plot: \(plot)")
  }

  func learn(_ cell: RecurrentCellKind, _ corpus: AgreementCorpus, _ seed: UInt64) -> NumberReader {
    var generator = RandomGenerator(seed: seed)
    var model = NumberReader(cell, words: corpus.vocabulary.count, using: &generator)
    var optimizer = Adam(learningRate: 3e-3)
    for _ in 0..<epochs {
      let lengths = corpus.sentences.map(\.words.count)
      for batch in Batches.byLength(lengths, size: 32, using: &generator) {
        let sentences = batch.map { corpus.sentences[$0] }
        let (_, gradients) = valueAndGradient(of: model) { model in
          let words = model.embedding(TokenSequences(sentences.map(\.words)))
          return crossEntropy(model(words), sentences.map(\.label))
        }
        optimizer.update(&model, with: gradients, scale: gradients.clip(globalNorm: 5))
      }
    }
    return model
  }

  /// For each distance, from the gradient of the loss in the vectors of the words.
  func measure(_ model: NumberReader, _ corpus: AgreementCorpus) -> [DistanceResult] {
    corpus.byDistance.map { distance, sentences in
      let words = model.embedding(TokenSequences(sentences.map(\.words))).padded()
      let (_, logits, gradients) = valueAndGradient(at: [words]) { watched in
        let words = Sequences(watched[0], lengths: sentences.map(\.words.count))
        let logits = model(words)
        return (crossEntropy(logits, sentences.map(\.label)), logits)
      }
      let right = zip(logits.argumentMaximum(), sentences).filter { $0 == Int($1.label) }.count
      let gradient = gradients[0]?.tensor ?? Tensor(zeros: words.shape)
      func norm(_ row: Int, wordsBack: Int) -> Double {
        let word = sentences[row].words.count - wordsBack
        let vector = gradient.slice(row..<row + 1).slice(word..<word + 1, axis: 1)
        return Double(vector.squared().sum().scalar).squareRoot()
      }
      // Both norms have the loss's own size as a factor; it is gone from their quotient.
      let ratios = sentences.indices.map { row in
        log(max(norm(row, wordsBack: distance), 1e-30) / max(norm(row, wordsBack: 1), 1e-30))
      }
      return DistanceResult(
        distance: distance, sentences: sentences.count,
        accuracy: Double(right) / Double(sentences.count),
        gradient: exp(ratios.reduce(0, +) / Double(ratios.count)))
    }
  }
}
