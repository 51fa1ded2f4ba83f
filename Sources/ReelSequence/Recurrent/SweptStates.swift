import ReelTensor

/// The state of a piece's rows on their way through the steps: what a step reads and what it writes, in two
/// buffers that change places, or in one.
///
/// Rows run as long as their sequences: the first ones of a piece at every step, so that going forward they
/// become fewer, and going back more.
struct SweptStates {
  /// Each component [rows, width] before the step, and after it.
  private(set) var before: [UnsafeMutablePointer<Float>]
  private(set) var after: [UnsafeMutablePointer<Float>]

  private let piece: Range<Int>
  private let widths: [Int]
  private let initial: [Tensor]
  /// Receives the state after each row's last step.
  private let final: [Tensor]
  private let own: [Storage]
  /// Rows of the last step.
  private var live = 0

  /// - Parameter other: buffers for what steps write; nil: where they read.
  init(
    _ piece: Range<Int>, _ widths: [Int], initial: [Tensor], final: [Tensor],
    other: [UnsafeMutablePointer<Float>]?
  ) {
    (self.piece, self.widths, self.initial, self.final) = (piece, widths, initial, final)
    own = widths.map { Storage(count: piece.count * $0) }
    before = own.map(\.pointer)
    after = other ?? before
    // Of sequences without a step.
    for component in widths.indices {
      copy(
        component, 0..<piece.count, from: initial[component].storage.pointer + offset(component),
        to: final[component].storage.pointer + offset(component))
    }
  }

  private func offset(_ component: Int) -> Int { piece.lowerBound * widths[component] }

  private func copy(
    _ component: Int, _ rows: Range<Int>, from source: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>
  ) {
    let (first, width) = (rows.lowerBound, widths[component])
    (target + first * width).update(from: source + first * width, count: rows.count * width)
  }

  /// Rows of a step: those that were not in the last one begin, those that are no longer have ended.
  mutating func begin(rows: Int) {
    for component in widths.indices where rows > live {
      copy(
        component, live..<rows, from: initial[component].storage.pointer + offset(component),
        to: before[component])
    }
    if rows < live { handOut(rows..<live) }
    live = rows
  }

  mutating func advance() { swap(&before, &after) }

  mutating func finish() {
    handOut(0..<live)
    live = 0
  }

  private func handOut(_ rows: Range<Int>) {
    for component in widths.indices {
      copy(
        component, rows, from: before[component],
        to: final[component].storage.pointer + offset(component))
    }
  }

  /// The places that a step reads, without rows.
  var previous: [CellMatrix] {
    zip(before, widths).map { CellMatrix($0, rows: 0, columns: $1, stride: $1) }
  }

  /// Leads a step to the places that it reads and writes now.
  func place(_ step: inout CellStep, rows: Int) {
    for component in widths.indices {
      step.previous[component].pointer = before[component]
      step.previous[component].rows = rows
      step.next[component].pointer = after[component]
      step.next[component].rows = rows
    }
  }
}
