import Foundation
import ReelLayers
import ReelSequence
import ReelTensor

extension SequenceTaggerNetwork {
  /// The best tags of each sentence.
  func decode(_ emissions: Sequences) -> [[Int32]] {
    if let crf { return crf.decode(emissions) }
    let tags = emissions.featureCount
    return emissions.padded().withUnsafeValues { values in
      emissions.lengths.enumerated().map { row, length in
        (0..<length).map { time in
          let start = (row * emissions.layout.longest + time) * tags
          var best = 0
          for tag in 1..<tags where values[start + tag] > values[start + best] { best = tag }
          return Int32(best)
        }
      }
    }
  }

  /// The `n` best taggings of each sentence with the logarithms of their probabilities.
  func decodeBest(_ n: Int, _ emissions: Sequences) -> [[(tags: [Int32], score: Double)]] {
    if let crf { return crf.decodeBest(n, emissions) }
    let logarithms = emissions.mapSteps { $0.logSoftmax() }
    return emissions.lengths.indices.map { row in
      // Tokens are independent: the n best of a beginning hold the beginnings of the n best.
      var best: [(tags: [Int32], score: Double)] = [([], 0)]
      let values = logarithms[row].values
      for time in 0..<emissions.lengths[row] {
        var longer: [(tags: [Int32], score: Double)] = []
        for (tags, score) in best {
          for tag in 0..<emissions.featureCount {
            let value = values[time * emissions.featureCount + tag]
            longer.append((tags + [Int32(tag)], score + Double(value)))
          }
        }
        let order = longer.indices.sorted { (longer[$1].score, $0) < (longer[$0].score, $1) }
        best = order.prefix(max(n, 0)).map { longer[$0] }
      }
      return Array(best.prefix(max(n, 0)))
    }
  }

  /// For each sentence the probabilities that exactly these tags stand at these places.
  func probabilities(
    of runs: [[LinearChainCRF.TagRun]], _ emissions: Sequences
  ) -> [[Double]] {
    if let crf { return crf.spanProbabilities(emissions, runs) }
    let probabilities = emissions.mapSteps { $0.softmax() }
    let tags = emissions.featureCount
    return runs.enumerated().map { row, runs in
      let values = runs.isEmpty ? [] : probabilities[row].values
      let length = emissions.lengths[row]
      func sum(_ time: Int, _ some: [Int32]) -> Double {
        some.reduce(0) { $0 + Double(values[time * tags + Int($1)]) }
      }
      return runs.map { run in
        let end = run.start + run.tags.count
        var result = 1.0
        for (time, tag) in zip(run.start..<end, run.tags) { result *= sum(time, [tag]) }
        if run.start > 0 { result *= 1 - sum(run.start - 1, run.excludedBefore) }
        if end < length { result *= 1 - sum(end, run.excludedAfter) }
        return max(result, 0)
      }
    }
  }
}
