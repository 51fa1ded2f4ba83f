import CReelKernels

/// How the positions of one axis come from those of another: output p takes the inputs `sources[i]`
/// with the factors `weights[i]`, i from `offsets[p]` to `offsets[p + 1]`. A sparse matrix, row by
/// row.
package struct AxisMap: Sendable, Hashable {
  package let inputs: Int
  let offsets: [Int32]
  let sources: [Int32]
  let weights: [Float]

  package var outputs: Int { offsets.count - 1 }

  /// The most inputs that one output takes.
  let widest: Int

  /// What the kernels may know of this axis; see `reel_row_line`.
  let pattern: Int32

  /// - Parameter terms: for each output the inputs that it takes, with their factors.
  package init(inputs: Int, terms: [[(source: Int, weight: Double)]]) {
    var offsets: [Int32] = [0]
    var sources: [Int32] = []
    var weights: [Float] = []
    for row in terms {
      for (source, weight) in row {
        precondition(
          source >= 0 && source < inputs, "AxisMap: position \(source) of \(inputs)")
        sources.append(Int32(truncatingIfNeeded: source))
        weights.append(Float(weight))
      }
      offsets.append(Int32(truncatingIfNeeded: sources.count))
    }
    self.init(inputs: inputs, offsets: offsets, sources: sources, weights: weights)
  }

  /// Output p takes the positions of window p that lie inside, each with the window's factor.
  package init(inputs: Int, windows: [AxisWindow]) {
    var offsets: [Int32] = [0]
    var sources: [Int32] = []
    var weights: [Float] = []
    offsets.reserveCapacity(windows.count + 1)
    for window in windows {
      for tap in 0..<window.count {
        let source = window.first + tap * window.step
        guard source >= 0 && source < inputs else { continue }
        sources.append(Int32(truncatingIfNeeded: source))
        weights.append(window.weight)
      }
      offsets.append(Int32(truncatingIfNeeded: sources.count))
    }
    self.init(inputs: inputs, offsets: offsets, sources: sources, weights: weights)
  }

  private init(inputs: Int, offsets: [Int32], sources: [Int32], weights: [Float]) {
    (self.inputs, self.offsets, self.sources, self.weights) = (inputs, offsets, sources, weights)
    widest = zip(offsets.dropFirst(), offsets).reduce(0) { max($0, Int($1.0 - $1.1)) }
    pattern = Self.pattern(offsets: offsets, sources: sources, weights: weights)
  }

  private static func pattern(offsets: [Int32], sources: [Int32], weights: [Float]) -> Int32 {
    let outputs = offsets.count - 1
    guard let weight = weights.first, weights.allSatisfy({ $0 == weight }) else {
      return Int32(REEL_LINE_ANY)
    }
    if sources.count == 2 * outputs, offsets.indices.allSatisfy({ offsets[$0] == 2 * $0 }),
      sources.indices.allSatisfy({ sources[$0] == $0 })
    {
      return Int32(REEL_LINE_PAIRS)
    }
    // A last output that is left over takes nothing.
    let doubled = outputs / 2 * 2
    if sources.count == doubled, offsets.indices.allSatisfy({ offsets[$0] == min($0, doubled) }),
      sources.indices.allSatisfy({ sources[$0] == $0 / 2 })
    {
      return Int32(REEL_LINE_DOUBLED)
    }
    return Int32(REEL_LINE_ANY)
  }

  /// Output p takes the one input `first` + p, where that is one, and nothing elsewhere: cropping
  /// and padding with zeros.
  package init(inputs: Int, shiftedBy first: Int, outputs: Int) {
    self.init(
      inputs: inputs, windows: (0..<outputs).map { AxisWindow(first: first + $0, count: 1) })
  }

  /// The way back: which outputs take each input. Where windows follow each other, so do the
  /// outputs.
  var transposed: AxisMap {
    var counts = [Int32](repeating: 0, count: inputs + 1)
    for source in sources { counts[Int(source) + 1] += 1 }
    for position in 0..<inputs { counts[position + 1] += counts[position] }
    var next = counts
    var turned = [Int32](repeating: 0, count: sources.count)
    var factors = [Float](repeating: 0, count: sources.count)
    for output in 0..<outputs {
      for index in Int(offsets[output])..<Int(offsets[output + 1]) {
        let place = Int(next[Int(sources[index])])
        next[Int(sources[index])] += 1
        turned[place] = Int32(truncatingIfNeeded: output)
        factors[place] = weights[index]
      }
    }
    return AxisMap(inputs: outputs, offsets: counts, sources: turned, weights: factors)
  }
}

/// The positions `first`, `first` + `step`, … of an axis, `count` of them; some may lie outside.
package struct AxisWindow: Sendable, Hashable {
  package var first: Int
  package var count: Int
  package var step: Int
  package var weight: Float

  package init(first: Int, count: Int, step: Int = 1, weight: Float = 1) {
    (self.first, self.count, self.step, self.weight) = (first, count, step, weight)
  }
}
