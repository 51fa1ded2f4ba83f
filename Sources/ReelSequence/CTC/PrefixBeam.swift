import Foundation

/// Prefix beam search over the steps of one sequence.
///
/// Every prefix has two probabilities, of its alignments that end in a blank and of those that end
/// in its last label. With y the probabilities of a step, and + over what leads to the same prefix:
///
///     blank'(l) = (blank(l) + label(l)) · y(−)
///     label'(l) = label(l) · y(last of l)                    the last label goes on
///     label'(l·k) += (blank(l) + label(l)) · y(k)            k ≠ last of l
///     label'(l·k) += blank(l) · y(k)                         k = last of l: a blank lies between
///
/// All of them are logarithms.
struct PrefixBeam {
  private let width: Int
  private let classes: Int
  private let blank: Int

  /// A prefix that was ever in the beam; its labels are those on the way from the root.
  private struct Node {
    let parent: Int
    let label: Int
    /// Where it stands in the beam, −1 when it does not.
    var place: Int
    /// Where it stood one step before.
    var placeBefore: Int
  }

  private struct Scores {
    var blank = -Double.infinity
    var label = -Double.infinity
    var total: Double { sumOfLogarithms(blank, label) }
  }

  private struct Entry {
    var node: Int
    var scores: Scores
  }

  private var nodes = [Node(parent: -1, label: -1, place: 0, placeBefore: -1)]
  /// The node of (parent, label); looked up, never iterated.
  private var children: [Int: Int] = [:]
  /// The prefixes that go on, the most likely first.
  private var beam = [Entry(node: 0, scores: Scores(blank: 0))]
  /// Prefixes that fell out at the last step, by the place of their parent before it and their
  /// label: [places, classes].
  private var fallen: [Scores] = []

  init(width: Int, classes: Int, blank: Int) {
    self.width = width
    self.classes = classes
    self.blank = blank
  }

  private func key(_ parent: Int, _ label: Int) -> Int { parent * classes + label }

  /// One step with the logarithms of its probabilities.
  mutating func advance(_ y: [Double]) {
    // What stays, and what is longer by a label: [places, classes].
    var staying = beam.map { entry in
      let last = nodes[entry.node].label
      return Scores(
        blank: entry.scores.total + y[blank],
        label: last < 0 ? -.infinity : entry.scores.label + y[last])
    }
    var longer = [Scores](repeating: Scores(), count: beam.count * classes)
    for (place, entry) in beam.enumerated() {
      let node = nodes[entry.node]
      let total = entry.scores.total
      for label in 0..<classes where label != blank {
        let added = y[label] + (label == node.label ? entry.scores.blank : total)
        guard added > -.infinity else { continue }
        if let child = children[key(entry.node, label)], nodes[child].place >= 0 {
          let other = nodes[child].place
          staying[other].label = sumOfLogarithms(staying[other].label, added)
          continue
        }
        var scores = Scores(label: added)
        if node.placeBefore >= 0 {
          let before = fallen[node.placeBefore * classes + label]
          scores.label = sumOfLogarithms(added, before.label + y[label])
          scores.blank = before.total + y[blank]
        }
        longer[place * classes + label] = scores
      }
    }
    prune(staying, &longer)
    fallen = longer
  }

  /// The most likely of what stays and what is longer become the beam; what falls out is left in
  /// `longer`.
  private mutating func prune(_ staying: [Scores], _ longer: inout [Scores]) {
    var chosen = BestCandidates(count: width)
    for (place, scores) in staying.enumerated() {
      let total = scores.total
      if total > -.infinity { chosen.insert(total, place) }
    }
    let first = staying.count
    for (index, scores) in longer.enumerated() where scores.label > -.infinity {
      chosen.insert(scores.total, first + index)
    }
    var kept = [Bool](repeating: false, count: staying.count)
    var next: [Entry] = []
    for (_, candidate) in chosen.sorted() {
      if candidate < first {
        kept[candidate] = true
        next.append(Entry(node: beam[candidate].node, scores: staying[candidate]))
      } else {
        let (place, label) = (candidate - first).quotientAndRemainder(dividingBy: classes)
        next.append(
          Entry(node: child(of: beam[place].node, label), scores: longer[candidate - first]))
        longer[candidate - first] = Scores()
      }
    }
    for (place, entry) in beam.enumerated() {
      let node = nodes[entry.node]
      if !kept[place], node.parent >= 0, nodes[node.parent].place >= 0 {
        longer[nodes[node.parent].place * classes + node.label] = staying[place]
      }
    }
    for entry in next { nodes[entry.node].placeBefore = -1 }
    for (place, entry) in beam.enumerated() {
      nodes[entry.node].placeBefore = place
      nodes[entry.node].place = -1
    }
    for (place, entry) in next.enumerated() { nodes[entry.node].place = place }
    beam = next
  }

  private mutating func child(of parent: Int, _ label: Int) -> Int {
    if let child = children[key(parent, label)] { return child }
    nodes.append(Node(parent: parent, label: label, place: -1, placeBefore: -1))
    children[key(parent, label)] = nodes.count - 1
    return nodes.count - 1
  }

  /// The most likely prefixes, as labellings of all steps.
  func best(_ count: Int) -> [CTC.Hypothesis] {
    beam.prefix(count).map { entry in
      var labels: [Int32] = []
      var node = nodes[entry.node]
      while node.parent >= 0 {
        labels.append(Int32(node.label))
        node = nodes[node.parent]
      }
      return CTC.Hypothesis(labels: labels.reversed(), logProbability: entry.scores.total)
    }
  }
}

/// log(e^a + e^b).
private func sumOfLogarithms(_ a: Double, _ b: Double) -> Double {
  let (larger, smaller) = a > b ? (a, b) : (b, a)
  return smaller == -.infinity ? larger : larger + log1p(exp(smaller - larger))
}

/// The best of many candidates: a heap with the worst of them on top. Of equal scores the candidate
/// with the lower number is better.
private struct BestCandidates {
  private let limit: Int
  private var heap: [(score: Double, candidate: Int)] = []

  init(count: Int) { limit = count }

  private static func isWorse(
    _ a: (score: Double, candidate: Int), _ b: (score: Double, candidate: Int)
  ) -> Bool {
    a.score < b.score || a.score == b.score && a.candidate > b.candidate
  }

  mutating func insert(_ score: Double, _ candidate: Int) {
    let new = (score: score, candidate: candidate)
    guard heap.count == limit else {
      heap.append(new)
      var place = heap.count - 1
      while place > 0, Self.isWorse(heap[place], heap[(place - 1) / 2]) {
        heap.swapAt(place, (place - 1) / 2)
        place = (place - 1) / 2
      }
      return
    }
    guard Self.isWorse(heap[0], new) else { return }
    heap[0] = new
    var place = 0
    while true {
      var worst = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
        if Self.isWorse(heap[child], heap[worst]) { worst = child }
      }
      guard worst != place else { return }
      heap.swapAt(place, worst)
      place = worst
    }
  }

  /// The best first.
  func sorted() -> [(score: Double, candidate: Int)] {
    heap.sorted { Self.isWorse($1, $0) }
  }
}
