import Foundation
import ReelLayers
import ReelTensor

extension CTC {
  /// What the most likely alignment of each sequence spells: the best class of each step, merged
  /// (Graves et al. 2006, best path decoding). Fast, and near to the most likely labelling where the
  /// network is sure; see ``prefixBeam(_:width:best:blank:)`` for better.
  ///
  /// Of equal scores the first class wins; NaN never does, and a step of nothing but NaN is blank.
  public static func bestPath(_ logits: Sequences, blank: Int32 = 0) -> [[Int32]] {
    checkBlank(blank, logits)
    let (layout, classes) = (logits.layout, logits.featureCount)
    var result = [[Int32]](repeating: [], count: layout.batch)
    logits.values.withUnsafeValues { values in
      result.withUnsafeMutableBufferPointer { result in
        let (values, result) = (Shared(values), Shared(result))
        Threads.forEach(layout.batch) { place in
          let row = layout.order[place]
          result.pointer[row] = collapsed(
            (0..<layout.lengths[row]).lazy.map { time in
              let start = (layout.offsets[time] + place) * classes
              var best = blank
              var bestScore = -Float.infinity
              for label in 0..<classes where values.pointer[start + label] > bestScore {
                (best, bestScore) = (Int32(label), values.pointer[start + label])
              }
              return best
            }, blank: blank)
        }
      }
    }
    return result
  }

  /// The most likely labellings of each sequence by prefix beam search (Hannun, Maas, Jurafsky and
  /// Ng 2014, without a language model): the probabilities of all alignments of one prefix are
  /// added up, and the `width` most likely prefixes go on at each step. A prefix that fell out and
  /// is reached again from its parent gets what it had one step before.
  ///
  /// Where the beam is wide enough for every prefix, the result is exact: the true probability of
  /// each labelling. A step costs about a multiple of `width`, and C for the softmax.
  ///
  /// - Parameters:
  ///   - logits: scores [batch, time, C] before the softmax.
  ///   - width: prefixes that are kept, at least 1.
  ///   - count: hypotheses that are returned for each sequence, at most `width`.
  /// - Returns: for each sequence the most likely first (of equal ones the one found first). At
  ///   least one, but none for a sequence with NaN or +∞, or a step of nothing but −∞.
  public static func prefixBeam(
    _ logits: Sequences, width: Int = 16, best count: Int = 1, blank: Int32 = 0
  ) -> [[Hypothesis]] {
    checkBlank(blank, logits)
    precondition(
      width >= 1 && count >= 1,
      "CTC.prefixBeam: width \(width) and \(count) hypotheses asked for, at least 1 is expected")
    let (layout, classes) = (logits.layout, logits.featureCount)
    var result = [[Hypothesis]](repeating: [], count: layout.batch)
    logits.values.withUnsafeValues { values in
      result.withUnsafeMutableBufferPointer { result in
        let (values, result) = (Shared(values), Shared(result))
        Threads.forEach(layout.batch) { place in
          let row = layout.order[place]
          var beam = PrefixBeam(width: width, classes: classes, blank: Int(blank))
          for time in 0..<layout.lengths[row] {
            let start = (layout.offsets[time] + place) * classes
            guard let scores = logSoftmax(values.pointer[start..<start + classes]) else { return }
            beam.advance(scores)
          }
          result.pointer[row] = beam.best(count)
        }
      }
    }
    return result
  }

  /// In Double; nil where the scores have no softmax.
  private static func logSoftmax(_ scores: Slice<UnsafeBufferPointer<Float>>) -> [Double]? {
    let largest = Double(scores.max() ?? 0)
    guard largest.isFinite else { return nil }
    let normalizer = largest + log(scores.reduce(0) { $0 + exp(Double($1) - largest) })
    return normalizer.isNaN ? nil : scores.map { Double($0) - normalizer }
  }
}
