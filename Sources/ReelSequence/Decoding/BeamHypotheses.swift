/// A hypothesis that goes on.
struct LiveHypothesis {
  let source: Int
  /// The row of the step before that it continues.
  let row: Int
  /// Its last token, which the next step is fed.
  let token: Int32
  /// Its last node; −1 before the first token.
  let node: Int
  let logProbability: Double
}

/// A hypothesis that has ended.
struct FinishedHypothesis {
  /// When it was finished, among those of its source.
  let order: Int
  let node: Int
  let logProbability: Double
  let score: Double
}

/// The search of one source.
struct Beam {
  let maximumLength: Int
  var finished: [FinishedHypothesis] = []
}

/// One way to go on.
struct Extension {
  let row: Int
  let token: Int32
  let logProbability: Double
}

/// The most probable ways to go on, best first; equal ones in the order in which they came.
struct BestExtensions {
  private let count: Int
  private(set) var sorted: [Extension] = []

  init(count: Int) { self.count = count }

  /// Adds every token of a row that is not skipped and not impossible.
  mutating func add(
    _ scores: UnsafeBufferPointer<Float>, row: Int, after logProbability: Double,
    skipping: (Int32) -> Bool
  ) {
    // Most tokens fall below the threshold: one comparison each.
    var threshold = -Float.infinity
    func newThreshold() -> Float {
      // Rounded down, so that nothing is lost; `insert` compares exactly.
      sorted.count < count
        ? -.infinity : Float(sorted[count - 1].logProbability - logProbability).nextDown
    }
    threshold = newThreshold()
    for index in scores.indices where scores[index] > threshold {
      let token = Int32(truncatingIfNeeded: index)
      guard !skipping(token) else { continue }
      insert(
        Extension(
          row: row, token: token, logProbability: logProbability + Double(scores[index])))
      threshold = newThreshold()
    }
  }

  private mutating func insert(_ way: Extension) {
    if sorted.count >= count {
      guard way.logProbability > sorted[count - 1].logProbability else { return }
      sorted.removeLast()
    }
    var place = sorted.count
    if sorted.count > 32 {
      var (low, high) = (0, sorted.count)
      while low < high {
        let middle = (low + high) / 2
        if sorted[middle].logProbability < way.logProbability {
          high = middle
        } else {
          low = middle + 1
        }
      }
      place = low
    } else {
      while place > 0, sorted[place - 1].logProbability < way.logProbability { place -= 1 }
    }
    sorted.insert(way, at: place)
  }
}

/// Every hypothesis as a chain of tokens; chains share their beginnings.
struct BeamNodes {
  private var nodes: [(token: Int32, parent: Int)] = []

  mutating func add(_ token: Int32, after parent: Int) -> Int {
    nodes.append((token, parent))
    return nodes.count - 1
  }

  /// The tokens from the beginning to a node.
  func tokens(to node: Int) -> [Int32] {
    var tokens: [Int32] = []
    var node = node
    while node >= 0 {
      tokens.append(nodes[node].token)
      node = nodes[node].parent
    }
    return tokens.reversed()
  }
}
