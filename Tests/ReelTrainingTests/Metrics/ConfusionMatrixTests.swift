import Foundation
import ReelTraining
import Testing

@Suite struct ConfusionMatrixTests {
  private func matrix(_ labels: Int, _ pairs: [(Int, Int)]) -> ConfusionMatrix {
    var matrix = ConfusionMatrix(labels: (0..<labels).map { "label \($0)" })
    for (gold, predicted) in pairs { matrix.add(gold: gold, predicted: predicted) }
    return matrix
  }

  /// gold 0 0 0 0 1 1 2, predicted 0 0 1 2 1 0 2: by hand.
  @Test func byHand() {
    let matrix = matrix(3, [(0, 0), (0, 0), (0, 1), (0, 2), (1, 1), (1, 0), (2, 2)])
    #expect(matrix.counts == [[2, 1, 1], [1, 1, 0], [0, 0, 1]])
    #expect(matrix.total == 7)
    #expect(matrix.correct == 4)
    #expect(matrix.accuracy == 4.0 / 7)
    let precision: [Double] = [2.0 / 3, 0.5, 0.5]
    let recall: [Double] = [0.5, 0.5, 1]
    let f1: [Double] = [4.0 / 7, 0.5, 2.0 / 3]
    #expect((0..<3).map(matrix.precision) == precision)
    #expect((0..<3).map(matrix.recall) == recall)
    #expect((0..<3).map(matrix.f1) == f1)
    #expect(abs(matrix.balancedErrorRate - 1.0 / 3) < 1e-15)
    let macroF1: Double = (4.0 / 7 + 1.0 / 2 + 2.0 / 3) / 3
    #expect(abs(matrix.macroF1 - macroF1) < 1e-15)
  }

  /// Label 1 never comes and is never answered; label 2 is only answered; label 3 only comes.
  @Test func absentLabels() {
    let matrix = matrix(4, [(0, 0), (0, 2), (3, 0), (0, 0)])
    #expect(matrix.precision(1) == 0 && matrix.recall(1) == 0 && matrix.f1(1) == 0)
    #expect(matrix.precision(2) == 0 && matrix.recall(2) == 0 && matrix.f1(2) == 0)
    #expect(matrix.precision(3) == 0 && matrix.recall(3) == 0 && matrix.f1(3) == 0)
    // Balanced: the labels that come, 0 and 3. Macro F1: the ones that come or are answered.
    let balanced: Double = 1 - (2.0 / 3 + 0) / 2
    #expect(abs(matrix.balancedErrorRate - balanced) < 1e-15)
    let macroF1: Double = (2.0 / 3 + 0 + 0) / 3
    #expect(abs(matrix.macroF1 - macroF1) < 1e-15)
  }

  @Test func empty() {
    let matrix = matrix(2, [])
    #expect(matrix.accuracy == 0 && matrix.balancedErrorRate == 0 && matrix.macroF1 == 0)
  }

  @Test func adding() {
    var sum = matrix(2, [(0, 1), (1, 1)])
    sum.add(matrix(2, [(0, 1), (0, 0)]))
    #expect(sum == matrix(2, [(0, 0), (0, 1), (0, 1), (1, 1)]))
  }

  /// Counting over lists, as the definitions say.
  @Test(arguments: 1...20)
  func bruteForce(_ seed: Int) {
    var state = UInt64(seed)
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    let labels = 2 + random(5)
    let pairs = (0..<random(40) + 1).map { _ in (random(labels), random(labels)) }
    let matrix = matrix(labels, pairs)
    var recalls: [Double] = []
    var scores: [Double] = []
    for label in 0..<labels {
      let gold = Set(pairs.indices.filter { pairs[$0].0 == label })
      let predicted = Set(pairs.indices.filter { pairs[$0].1 == label })
      let both = Double(gold.intersection(predicted).count)
      let precision = predicted.isEmpty ? 0 : both / Double(predicted.count)
      let recall = gold.isEmpty ? 0 : both / Double(gold.count)
      let f1 = precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall)
      #expect(matrix.precision(label) == precision)
      #expect(matrix.recall(label) == recall)
      #expect(abs(matrix.f1(label) - f1) < 1e-12)
      if !gold.isEmpty { recalls.append(recall) }
      if !gold.union(predicted).isEmpty { scores.append(f1) }
    }
    let right = pairs.filter { $0.0 == $0.1 }.count
    #expect(matrix.accuracy == Double(right) / Double(pairs.count))
    let balanced = 1 - recalls.reduce(0, +) / Double(recalls.count)
    #expect(abs(matrix.balancedErrorRate - balanced) < 1e-12)
    #expect(abs(matrix.macroF1 - scores.reduce(0, +) / Double(scores.count)) < 1e-12)
  }
}
