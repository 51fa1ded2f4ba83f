/// The alignments of one labelling with one input, as a lattice of T steps and S = 2U + 1 states:
/// a blank before, between and after the U labels.
///
/// State s may follow s, s − 1, and s − 2 where s is a label other than the one before it. With
/// y_t(s) the probability of the class of state s at time t:
///
///     α_0(0) = y_0(0), α_0(1) = y_0(1);  α_t(s) = y_t(s) · Σ α_{t−1}(r) over r that s may follow
///     β_{T−1}(S−1) = β_{T−1}(S−2) = 1;   β_t(s) = Σ β_{t+1}(r) · y_{t+1}(r) over r that may follow s
///     p(l | x) = α_{T−1}(S−1) + α_{T−1}(S−2);  p(s at t | l, x) = α_t(s) · β_t(s) / p(l | x)
struct CTCLattice {
  /// T.
  private let steps: Int
  /// S.
  private let states: Int
  /// U + 1.
  private let classes: Int
  /// y_t of the blank, then of each label, [T, 1 + U].
  private let emissions: [WideNumber]
  /// Whether state s may follow s − 2, with two more at the end.
  private let skips: [Bool]
  /// Whether there are steps enough for any alignment.
  private let isPossible: Bool

  /// - Parameter logProbability: log y of a class at a time.
  init(
    labels: [Int32], blank: Int32, steps: Int,
    logProbability: (_ time: Int, _ label: Int32) -> Double
  ) {
    self.steps = steps
    states = 2 * labels.count + 1
    classes = labels.count + 1
    var skips = [Bool](repeating: false, count: states + 2)
    var needed = labels.count
    for index in labels.indices.dropFirst() {
      if labels[index] == labels[index - 1] { needed += 1 } else { skips[2 * index + 1] = true }
    }
    self.skips = skips
    isPossible = steps >= needed
    var emissions: [WideNumber] = []
    if isPossible {
      emissions.reserveCapacity(steps * classes)
      for time in 0..<steps {
        emissions.append(WideNumber(exponentialOf: logProbability(time, blank)))
        for label in labels {
          emissions.append(WideNumber(exponentialOf: logProbability(time, label)))
        }
      }
    }
    self.emissions = emissions
  }

  /// log p(l | x), −∞ where it is impossible.
  func logLikelihood() -> Double {
    guard steps > 0 else { return states == 1 ? 0 : -.infinity }
    guard isPossible else { return -.infinity }
    return withTables { emissions, skips in
      // Two rows are enough, taken in turn.
      withUnsafeTemporaryAllocation(of: WideNumber.self, capacity: 2 * states) { rows in
        rows.initialize(repeating: .zero)
        guard let base = rows.baseAddress else { return -.infinity }
        for time in 0..<steps {
          let (row, previous) = (base + (time & 1) * states, base + (1 - time & 1) * states)
          row.update(repeating: .zero, count: states)
          forward(time, previous, row, emissions, skips)
        }
        return total(base + ((steps - 1) & 1) * states).logarithm
      }
    }
  }

  /// log p(l | x), −∞ where it is impossible; then nothing is reported to `occupy`.
  ///
  /// - Parameter occupy: for each time and state that any alignment goes through: how likely, given
  ///   the labelling. `label` is a place in the labelling, −1 for the blank.
  func logLikelihood(occupy: (_ time: Int, _ label: Int, _ probability: Double) -> Void) -> Double {
    guard steps > 0 else { return states == 1 ? 0 : -.infinity }
    guard isPossible else { return -.infinity }
    return withTables { emissions, skips in
      let alpha = UnsafeMutablePointer<WideNumber>.allocate(capacity: steps * states)
      defer { alpha.deallocate() }
      alpha.initialize(repeating: .zero, count: steps * states)
      for time in 0..<steps {
        let row = alpha + time * states
        forward(time, time > 0 ? row - states : row, row, emissions, skips)
      }
      let total = total(alpha + (steps - 1) * states)
      guard total.mantissa > 0 else { return -.infinity }
      backward(alpha, total, emissions, skips, occupy)
      return total.logarithm
    }
  }

  // MARK: Steps of the recursions

  /// States at a time that can be reached from the start and reach the end.
  private func band(_ time: Int) -> Range<Int> {
    let first = max(0, states - 2 * (steps - time))
    return first..<max(first, min(states, 2 * time + 2))
  }

  /// The emission of a state, as a column: 0 is the blank, 1 + u is label u.
  @inline(__always)
  private func column(_ state: Int) -> Int { state & 1 == 0 ? 0 : (state + 1) / 2 }

  private func total(_ last: UnsafePointer<WideNumber>) -> WideNumber {
    states > 1 ? last[states - 1] + last[states - 2] : last[0]
  }

  /// α_t from α_{t−1} into `row`, which holds zeros.
  private func forward(
    _ time: Int, _ previous: UnsafePointer<WideNumber>, _ row: UnsafeMutablePointer<WideNumber>,
    _ emissions: UnsafePointer<WideNumber>, _ skips: UnsafePointer<Bool>
  ) {
    let emission = emissions + time * classes
    guard time > 0 else {
      for state in band(0) { row[state] = emission[column(state)] }
      return
    }
    for state in band(time) {
      row[state] = .product(
        ofSum: previous[state], state > 0 ? previous[state - 1] : .zero,
        skips[state] ? previous[state - 2] : .zero, emission[column(state)])
    }
  }

  /// β_t for falling t, each multiplied with α_t.
  private func backward(
    _ alpha: UnsafePointer<WideNumber>, _ total: WideNumber,
    _ emissions: UnsafePointer<WideNumber>, _ skips: UnsafePointer<Bool>,
    _ occupy: (_ time: Int, _ label: Int, _ probability: Double) -> Void
  ) {
    let inverse = WideNumber.one / total
    withUnsafeTemporaryAllocation(of: WideNumber.self, capacity: states + 2) { beta in
      beta.initialize(repeating: .zero)
      beta[states - 1] = .one
      if states > 1 { beta[states - 2] = .one }
      for time in stride(from: steps - 1, through: 0, by: -1) {
        let row = alpha + time * states
        let emission = emissions + time * classes
        // Outside the band β is 0 below, and no alignment comes through above.
        let band = band(time)
        if time < steps - 1 {
          // `beta` holds β_{t+1} · y_{t+1}; a state is read before it is written.
          for state in band {
            beta[state] = .product(
              ofSum: beta[state], beta[state + 1], skips[state + 2] ? beta[state + 2] : .zero, .one)
          }
        }
        for state in band {
          let part = row[state] * beta[state]
          if part.mantissa > 0 {
            occupy(time, column(state) - 1, (part * inverse).value)
          }
          beta[state] = beta[state] * emission[column(state)]
        }
      }
    }
  }

  private func withTables<R>(
    _ body: (UnsafePointer<WideNumber>, UnsafePointer<Bool>) -> R
  ) -> R {
    emissions.withUnsafeBufferPointer { emissions in
      skips.withUnsafeBufferPointer { skips in
        guard let emissions = emissions.baseAddress, let skips = skips.baseAddress else {
          preconditionFailure("CTC: a lattice of \(steps) steps without emissions")
        }
        return body(emissions, skips)
      }
    }
  }
}
