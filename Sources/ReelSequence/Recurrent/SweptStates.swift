import ReelTensor

/// The state of a piece's rows on their way through the steps of a pass: where a step reads it, and where it writes it.
///
/// The hidden state goes into the output, and is read there by the next step. Other components go to where the way back
/// looks for them, what stood before the next step, or change between two buffers in a prediction. They are copied only
/// where rows that begin have to stand beside others, and where the way back needs them apart.
///
/// Rows run as long as their sequences: the first ones of a piece at every step, so that going forward they
/// become fewer, and going back more.
struct SweptStates<Cell: RecurrentCell> {
  private let pass: RecurrentPass<Cell>
  private let index: Int
  /// Before the first step and behind the last of each row, [rows of the piece, width].
  private let (initial, final): ([CellMatrix], [CellMatrix])
  /// Room for all components but the hidden state, which has the output.
  private let own: [Storage]
  /// Each component behind the last step, [rows, width]; before the first one where that begins.
  private var last: [CellMatrix]
  /// Rows of the last step; 0 before the first one.
  private var live = 0
  /// Each component behind the step that has begun.
  private(set) var after: [CellMatrix]

  init(_ pass: RecurrentPass<Cell>, piece index: Int) {
    (self.pass, self.index) = (pass, index)
    let piece = pass.pieces[index]
    func rows(of state: [Tensor]) -> [CellMatrix] {
      state.map { tensor in
        let width = tensor.shape[1]
        return CellMatrix(
          tensor.storage.pointer + piece.lowerBound * width, rows: piece.count, columns: width,
          stride: width)
      }
    }
    let initial = rows(of: pass.initial)
    (self.initial, final) = (initial, rows(of: pass.final))
    own = initial.enumerated().map { component, rows in
      Storage(count: component == 0 ? 0 : rows.rows * rows.columns)
    }
    (last, after) = (initial, initial)
    // Of sequences without a step, which are the last ones.
    let begun = max(0, min(piece.count, (pass.layout.active.first ?? 0) - piece.lowerBound))
    for component in initial.indices {
      final[component].rows(begun..<piece.count).copy(
        from: initial[component].rows(begun..<piece.count))
    }
  }

  /// Leads a step to the places that it reads and writes. Rows that were not in the last step begin, those that are no
  /// longer have ended.
  mutating func begin(_ step: inout CellStep, position: Int, first: Int, rows: Int) {
    handOut(from: rows)
    for component in initial.indices {
      step.previous[component] = previous(component, first: first, rows: rows)
      after[component] = next(component, position: position, first: first, rows: rows)
      step.next[component] = after[component]
    }
    live = rows
  }

  /// Where a component stands before a step: where the last one wrote it, if all rows are there and nobody needs it
  /// apart.
  private func previous(_ component: Int, first: Int, rows: Int) -> CellMatrix {
    let kept = pass.previous[component].matrix(piece: index, first: first, rows: rows)
    let isApart = pass.keeps && kept.columns > 0
    let there = live == 0 ? rows : min(live, rows)  // the first step reads what came in
    let source = last[component].rows(0..<there)
    guard isApart || there < rows else { return source }
    // Buffers have room for rows that begin; an output has not.
    var target = kept
    if !isApart, component > 0 {
      target = source
      target.rows = rows
    }
    if target.pointer != source.pointer { target.rows(0..<there).copy(from: source) }
    target.rows(there..<rows).copy(from: initial[component].rows(there..<rows))
    return target
  }

  /// Where a component goes.
  private func next(_ component: Int, position: Int, first: Int, rows: Int) -> CellMatrix {
    var place = initial[component].rows(0..<rows)
    if component == 0 {
      return pass.output.matrix(first: first, rows: rows, columns: place.columns)
    }
    place.pointer = own[component].pointer
    let previous = pass.previous[component]
    if !pass.keeps {
      let other = previous.matrix(piece: index, first: first, rows: rows)
      return last[component].pointer == place.pointer ? other : place
    }
    let (piece, following) = (pass.pieces[index], position + 1)
    guard following < pass.layout.longest else { return place }
    let time = pass.time(at: following)
    guard pass.activeRows(of: piece, at: time) == rows else { return place }
    return previous.matrix(
      piece: index, first: pass.layout.offsets[time] + piece.lowerBound, rows: rows)
  }

  mutating func advance() { swap(&last, &after) }

  mutating func finish() {
    handOut(from: 0)
    live = 0
  }

  /// The state of rows that have ended, of the last step's all from this one on.
  private func handOut(from row: Int) {
    guard row < live else { return }
    for component in initial.indices {
      final[component].rows(row..<live).copy(from: last[component].rows(row..<live))
    }
  }

  /// The places of the state, for a step that has not begun.
  var places: [CellMatrix] { last }
}
