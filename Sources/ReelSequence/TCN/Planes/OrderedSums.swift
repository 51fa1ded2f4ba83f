import ReelTensor
import Synchronization

/// Sums of what groups bring, added in the order of the groups and as soon as that allows: whoever is done first, the
/// sums are the same to the last bit, and what has been added is let go.
final class OrderedSums: Sendable {
  private struct State {
    var sums: [Tensor?]
    /// The group whose terms come next, and those that came before their turn.
    var next = 0
    var early: [Int: [Tensor?]] = [:]
  }

  private let state: Mutex<State>

  init(count: Int) { state = Mutex(State(sums: Array(repeating: nil, count: count))) }

  /// One term for each sum, or nil: 0.
  func add(_ terms: [Tensor?], of group: Int) {
    state.withLock { state in
      state.early[group] = terms
      while let terms = state.early.removeValue(forKey: state.next) {
        state.next += 1
        for case (let index, let term?) in terms.enumerated()
        where state.sums[index]?.accumulate(term) == nil {
          state.sums[index] = term
        }
      }
    }
  }

  /// Of all groups; nil where none had a term.
  var sums: [Tensor?] { state.withLock { $0.sums } }
}
