import ReelTraining
import Testing

@Suite struct OverlapTests {
  @Test func rectangles() {
    let box = BoundingBox(left: 0, top: 0, right: 4, bottom: 2)
    #expect(box.area == 8 && box.centerX == 2 && box.centerY == 1)
    #expect(box == BoundingBox(centerX: 2, centerY: 1, width: 4, height: 2))
    #expect(box.intersectionOverUnion(box) == 1)
    // 2 by 1 in common, 8 + 4 − 2 in all.
    let other = BoundingBox(left: 2, top: 1, right: 4, bottom: 3)
    #expect(box.intersectionOverUnion(other) == 0.2)
    #expect(other.intersectionOverUnion(box) == 0.2)
    // Side by side, and apart.
    #expect(box.intersectionOverUnion(.init(left: 4, top: 0, right: 5, bottom: 2)) == 0)
    #expect(box.intersectionOverUnion(.init(left: 9, top: 9, right: 10, bottom: 10)) == 0)
    // Turned round, empty, or no number: nothing in common.
    for odd: BoundingBox in [
      .init(left: 3, top: 0, right: 1, bottom: 2), .init(left: 1, top: 1, right: 1, bottom: 1),
      .init(left: .nan, top: 0, right: 1, bottom: 1),
    ] {
      #expect(odd.area == 0 && box.intersectionOverUnion(odd) == 0)
    }
    #expect(box.clipped(to: other) == BoundingBox(left: 2, top: 1, right: 4, bottom: 2))
    #expect(box.scaled(x: 0.5, y: 3) == BoundingBox(left: 0, top: 0, right: 2, bottom: 6))
  }

  @Test func masks() {
    #expect(
      maskIntersectionOverUnion([true, true, false, false], [false, true, true, false]) == 1.0 / 3)
    #expect(maskIntersectionOverUnion([false], [false]) == 1)
    #expect(maskIntersectionOverUnion([true], [false]) == 0)
  }

  @Test func confusion() {
    var confusion = ConfusionMatrix(labels: ["a", "b", "c", "d"])
    #expect(confusion.errorRate == 0 && confusion.meanIntersectionOverUnion == 0)
    confusion.add(gold: [0, 0, 0, 1, 1, 2, -1], predicted: [0, 0, 1, 1, 2, 2, 3])
    #expect(confusion.total == 6 && confusion.correct == 4)
    #expect(abs(confusion.errorRate - 1.0 / 3) < 1e-12)
    // a: 2 of 3; b: 1 of 3; c: 1 of 2; nobody has or is given d.
    #expect(confusion.intersectionOverUnion(0) == 2.0 / 3)
    #expect(confusion.intersectionOverUnion(1) == 1.0 / 3)
    #expect(confusion.intersectionOverUnion(2) == 0.5)
    #expect(confusion.intersectionOverUnion(3) == 0)
    #expect(abs(confusion.meanIntersectionOverUnion - 0.5) < 1e-12)
  }

  @Test func localization() {
    let box = BoundingBox(left: 0, top: 0, right: 4, bottom: 4)
    let half = BoundingBox(left: 0, top: 0, right: 4, bottom: 2)
    let third = BoundingBox(left: 0, top: 0, right: 4, bottom: 1)
    let evaluation = LocalizationEvaluation(
      labels: ["a", "b"], predicted: [(0, half), (0, third), (1, box)],
      gold: [(0, box), (0, box), (0, box)], loss: 1)
    // An overlap of exactly a half counts; the right place with the wrong class does not.
    #expect(evaluation.correct == 1 && abs(evaluation.accuracy - 1.0 / 3) < 1e-12)
    #expect(abs(evaluation.classAccuracy - 2.0 / 3) < 1e-12)
    #expect(abs(evaluation.meanIntersectionOverUnion - (0.5 + 0.25 + 1) / 3) < 1e-7)
  }
}
