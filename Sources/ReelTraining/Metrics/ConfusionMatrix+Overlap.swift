extension ConfusionMatrix {
  /// 1 − accuracy; 0 without examples.
  public var errorRate: Double { total == 0 ? 0 : 1 - accuracy }

  /// Of the examples (of a segmentation: pixels) that have a label or were given it, the part that
  /// has both: |gold ∩ predicted| / |gold ∪ predicted|. 0 where there are none.
  public func intersectionOverUnion(_ label: Int) -> Double {
    let union = goldCount(label) + predictedCount(label) - counts[label][label]
    return union == 0 ? 0 : Double(counts[label][label]) / Double(union)
  }

  /// The mean intersection over union of the labels that some example has or was given (Everingham
  /// et al. 2010, "The Pascal Visual Object Classes Challenge", over all images at once); 0 without
  /// examples.
  public var meanIntersectionOverUnion: Double {
    let present = labels.indices.filter { goldCount($0) > 0 || predictedCount($0) > 0 }
    guard !present.isEmpty else { return 0 }
    return present.reduce(0) { $0 + intersectionOverUnion($1) } / Double(present.count)
  }

  /// Counts many answers, such as the pixels of an image.
  ///
  /// - Parameter gold: the right labels; a negative one is not counted.
  public mutating func add(gold: [Int32], predicted: [Int32]) {
    precondition(
      gold.count == predicted.count,
      "ConfusionMatrix: \(predicted.count) answers for \(gold.count) examples")
    let count = labels.count
    var table = [Int](repeating: 0, count: count * count)
    for (gold, predicted) in zip(gold, predicted) where gold >= 0 {
      precondition(
        gold < count && predicted >= 0 && predicted < count,
        "ConfusionMatrix: labels \(gold) and \(predicted) of \(count)")
      table[Int(gold) * count + Int(predicted)] += 1
    }
    add(table)
  }
}

/// |A ∩ B| / |A ∪ B| of two masks, which say of each pixel whether it belongs to a thing; 1 where
/// both are empty, for then they agree.
public func maskIntersectionOverUnion(_ a: [Bool], _ b: [Bool]) -> Double {
  precondition(
    a.count == b.count, "maskIntersectionOverUnion: masks of \(a.count) and \(b.count) pixels")
  var (common, union) = (0, 0)
  for (a, b) in zip(a, b) {
    if a && b { common += 1 }
    if a || b { union += 1 }
  }
  return union == 0 ? 1 : Double(common) / Double(union)
}
