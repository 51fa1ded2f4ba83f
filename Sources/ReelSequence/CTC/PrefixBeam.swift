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
    /// The same one step before.
    var placeBefore = -1
  }

  private struct Scores {
    var blank = -Double.infinity
    var label = -Double.infinity
    var total: Double { sumOfLogarithms(blank, label) }
  }

  private struct Entry {
    var node: Int
    var scores: Scores
    var total: Double
  }

  /// A prefix that is longer by a label than one in the beam.
  private struct Extension {
    let parent: Int
    let label: Int
    let scores: Scores
  }

  private var nodes = [Node(parent: -1, label: -1, place: 0)]
  // Dictionaries by `key` are looked up, and never iterated.
  /// The nodes.
  private var children: [Int: Int] = [:]
  /// Prefixes that fell out at the last step; those that were too unlikely to be looked at follow
  /// from the beam before it and its probabilities.
  private var fallen: [Int: Scores] = [:]
  private var beamBefore: [Entry] = []
  private var probabilitiesBefore: [Double] = []
  /// The prefixes that go on, the most likely first.
  private var beam = [Entry(node: 0, scores: Scores(blank: 0), total: 0)]

  init(width: Int, classes: Int, blank: Int) {
    self.width = width
    self.classes = classes
    self.blank = blank
  }

  /// A prefix, by the node of its parent and its last label.
  private func key(_ parent: Int, _ label: Int) -> Int { parent * classes + label }

  /// One step with the logarithms of its probabilities.
  mutating func advance(_ y: [Double]) {
    var chosen = BestCandidates(count: width)
    let staying = beam.map { stay($0, y) }
    for (place, scores) in staying.enumerated() {
      let total = scores.total
      if total > -.infinity { chosen.insert(total, place) }
    }
    // The likeliest labels first: once one is too unlikely for a prefix, all others are.
    let needed = chosen.threshold - (beam.first?.total ?? 0)
    let order = y.indices.filter { $0 != blank && y[$0] > -.infinity && y[$0] >= needed }
      .sorted { (y[$1], $0) < (y[$0], $1) }
    var longer: [Extension] = []
    for entry in beam {
      let last = nodes[entry.node].label
      for label in order {
        guard y[label] + entry.total >= chosen.threshold else { break }
        let added = y[label] + (label == last ? entry.scores.blank : entry.total)
        guard added > -.infinity, added >= chosen.threshold else { continue }
        if let child = children[key(entry.node, label)], nodes[child].place >= 0 { continue }
        var scores = Scores(label: added)
        if let before = scoresBefore(entry.node, label) {
          scores.label = sumOfLogarithms(added, before.label + y[label])
          scores.blank = before.total + y[blank]
        }
        chosen.insert(scores.total, staying.count + longer.count)
        longer.append(Extension(parent: entry.node, label: label, scores: scores))
      }
    }
    prune(staying, longer, chosen)
    probabilitiesBefore = y
  }

  /// What a prefix that is not in the beam had after the last step, from its parent; nil where that
  /// was not in the beam.
  private func scoresBefore(_ parent: Int, _ label: Int) -> Scores? {
    if let scores = fallen[key(parent, label)] { return scores }
    let node = nodes[parent]
    guard node.placeBefore >= 0 else { return nil }
    let entry = beamBefore[node.placeBefore]
    let before = node.label == label ? entry.scores.blank : entry.total
    return Scores(label: before + probabilitiesBefore[label])
  }

  /// What a prefix of the beam becomes without a new label, and by its own last label from its
  /// parent, if that is in the beam.
  private func stay(_ entry: Entry, _ y: [Double]) -> Scores {
    var scores = Scores(blank: entry.total + y[blank])
    let node = nodes[entry.node]
    guard node.parent >= 0 else { return scores }
    scores.label = entry.scores.label + y[node.label]
    let parent = nodes[node.parent]
    if parent.place >= 0 {
      let other = beam[parent.place]
      let before = parent.label == node.label ? other.scores.blank : other.total
      scores.label = sumOfLogarithms(scores.label, before + y[node.label])
    }
    return scores
  }

  /// The chosen ones become the beam; the others are remembered for one step.
  private mutating func prune(
    _ staying: [Scores], _ longer: [Extension], _ chosen: BestCandidates
  ) {
    var isKept = [Bool](repeating: false, count: staying.count + longer.count)
    var next: [Entry] = []
    let before = beam
    for (total, candidate) in chosen.sorted() {
      isKept[candidate] = true
      if candidate < staying.count {
        next.append(
          Entry(node: before[candidate].node, scores: staying[candidate], total: total))
      } else {
        let prefix = longer[candidate - staying.count]
        next.append(
          Entry(node: node(prefix.parent, prefix.label), scores: prefix.scores, total: total))
      }
    }
    fallen.removeAll(keepingCapacity: true)
    for (place, entry) in before.enumerated() {
      let node = nodes[entry.node]
      if !isKept[place], node.parent >= 0 { fallen[key(node.parent, node.label)] = staying[place] }
      nodes[entry.node].place = -1
    }
    for entry in beamBefore { nodes[entry.node].placeBefore = -1 }
    for (place, entry) in before.enumerated() { nodes[entry.node].placeBefore = place }
    beamBefore = before
    for (index, prefix) in longer.enumerated() where !isKept[staying.count + index] {
      fallen[key(prefix.parent, prefix.label)] = prefix.scores
    }
    for (place, entry) in next.enumerated() { nodes[entry.node].place = place }
    beam = next
  }

  private mutating func node(_ parent: Int, _ label: Int) -> Int {
    if let node = children[key(parent, label)] { return node }
    nodes.append(Node(parent: parent, label: label, place: -1))
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
      return CTC.Hypothesis(labels: labels.reversed(), logProbability: entry.total)
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

  /// What a candidate needs at least to be among them.
  var threshold: Double { heap.count == limit ? heap[0].score : -.infinity }

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
