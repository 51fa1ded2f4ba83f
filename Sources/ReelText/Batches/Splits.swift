/// Parts a corpus: for training, validation and test, or into folds for cross-validation.
///
/// Parts are lists of examples by their places in the corpus, ascending. The same generator in the
/// same state gives the same parts.
public enum Splits {
  /// One way to train and validate: fold i validates, the others train.
  public struct Fold: Sendable, Equatable {
    public let training: [Int]
    public let validation: [Int]
  }

  /// Random parts of given shares.
  ///
  /// - Parameters:
  ///   - fractions: of each part, not negative, with a positive sum, such as [0.8, 0.1, 0.1]; they
  ///     are divided by their sum.
  /// - Returns: disjoint parts that together hold all of 0..<count, each its exact share rounded up
  ///   or down.
  public static func parts(
    count: Int, fractions: [Double], using generator: inout some RandomNumberGenerator
  ) -> [[Int]] {
    parts(classes: [Int](repeating: 0, count: count), fractions: fractions, using: &generator)
  }

  /// Random parts of given shares in each of which every class has its share: its exact number
  /// rounded up or down.
  ///
  /// - Parameters:
  ///   - classes: of each example, any numbers.
  ///   - fractions: as in `parts(count:fractions:using:)`. Parts as a whole may differ from their
  ///     share by more than one example where there are many classes, for each class is rounded;
  ///     roundings are chosen so that they cancel where they can.
  public static func parts(
    classes: [Int], fractions: [Double], using generator: inout some RandomNumberGenerator
  ) -> [[Int]] {
    precondition(
      fractions.allSatisfy { $0 >= 0 && $0.isFinite } && fractions.reduce(0, +) > 0,
      "Splits: fractions \(fractions), expected none negative and a positive sum")
    let total = fractions.reduce(0, +)
    let shares = fractions.map { $0 / total }
    var result = [[Int]](repeating: [], count: shares.count)
    // What each part still lacks, of all classes so far.
    var lack = [Double](repeating: 0, count: shares.count)
    for members in shuffledClasses(classes, using: &generator) {
      let exact = shares.map { $0 * Double(members.count) }
      // A share of 0.1 · 30 may come out as 2.9999…
      var sizes = exact.map { Int(($0 + 1e-9).rounded(.down)) }
      for part in shares.indices { lack[part] += exact[part] - Double(sizes[part]) }
      // What is left over goes to the parts that lack most, at most one to each, and only where
      // the exact number lies above the rounded one.
      var left = members.count - sizes.reduce(0, +)
      let order = shares.indices.sorted { (lack[$1], $0) < (lack[$0], $1) }
      for part in order where left > 0 && exact[part] - Double(sizes[part]) > 1e-9 {
        sizes[part] += 1
        lack[part] -= 1
        left -= 1
      }
      var start = 0
      for part in shares.indices {
        result[part] += members[start..<start + sizes[part]]
        start += sizes[part]
      }
    }
    return result.map { $0.sorted() }
  }

  /// k folds for cross-validation; their sizes differ by at most 1.
  ///
  /// - Parameters:
  ///   - count: examples, at least k.
  ///   - k: folds, at least 2.
  public static func folds(
    count: Int, k: Int, using generator: inout some RandomNumberGenerator
  ) -> [Fold] {
    folds(classes: [Int](repeating: 0, count: count), k: k, using: &generator)
  }

  /// k folds among which each class is dealt out evenly: the folds' numbers of examples of a class
  /// differ by at most 1, and so do their sizes.
  public static func folds(
    classes: [Int], k: Int, using generator: inout some RandomNumberGenerator
  ) -> [Fold] {
    precondition(
      k >= 2 && k <= classes.count,
      "Splits: \(k) folds of \(classes.count) examples, expected at least 2 and at most one for "
        + "each example")
    var fold = [Int](repeating: 0, count: classes.count)
    var next = 0
    for members in shuffledClasses(classes, using: &generator) {
      for member in members {
        fold[member] = next % k
        next += 1
      }
    }
    return (0..<k).map { held in
      Fold(
        training: classes.indices.filter { fold[$0] != held },
        validation: classes.indices.filter { fold[$0] == held })
    }
  }

  /// The examples of each class in random order, classes by their numbers.
  private static func shuffledClasses(
    _ classes: [Int], using generator: inout some RandomNumberGenerator
  ) -> [[Int]] {
    let order = classes.indices.sorted { (classes[$0], $0) < (classes[$1], $1) }
    var result: [[Int]] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, classes[order[end]] == classes[order[start]] { end += 1 }
      var members = Array(order[start..<end])
      members.shuffle(using: &generator)
      result.append(members)
      start = end
    }
    return result
  }
}
