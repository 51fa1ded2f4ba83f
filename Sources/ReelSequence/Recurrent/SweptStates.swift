import ReelTensor

/// The state of a piece's rows on their way through the steps of a pass: where a step reads it, and where it writes it.
///
/// The hidden state goes into the output, and is read there by the next step. Other components go to where the way back
/// looks for them, what stood before the next step, or change between two buffers in a prediction. They are copied only
/// where rows that begin have to stand beside others, and where the way back needs them apart: of sequences of several
/// lengths h at every step, the others where rows end.
///
/// Rows run as long as their sequences: the first ones of a piece at every step, so that going forward they
/// become fewer, and going back more.
struct SweptStates {
  /// Whether a way back will look for them.
  private let keeps: Bool
  /// Before the first step and, where somebody asks for it, behind the last of each row, [rows of the piece, width].
  private let (initial, final): ([CellMatrix], [CellMatrix])
  /// `previous` of the pass: for the way back from stored row 0 on, in a prediction a block; without values where the
  /// hidden state stands in the output alone.
  private let kept: [CellMatrix]
  /// The output, from stored row 0 on.
  private let output: CellMatrix
  /// Room for all components but the hidden state, which has the output.
  private let own: [Storage]
  /// Each component behind the last step, [rows, width]; before the first one where that begins.
  private var last: [CellMatrix]
  /// Rows of the last step; 0 before the first one.
  private var live = 0
  /// Each component behind the step that has begun.
  private(set) var after: [CellMatrix]

  init<Cell>(_ pass: RecurrentPass<Cell>, piece index: Int) {
    keeps = pass.keeps
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
    kept = pass.previous.map { $0.matrix(piece: index, first: 0, rows: 0) }
    output = pass.output.matrix(first: 0, rows: 0, columns: pass.outputSize)
    own = initial.enumerated().map { component, rows in
      Storage(count: component == 0 ? 0 : rows.rows * rows.columns)
    }
    (last, after) = (initial, initial)
    // Of sequences without a step, which are the last ones.
    let begun = max(0, min(piece.count, (pass.layout.active.first ?? 0) - piece.lowerBound))
    for component in final.indices {
      final[component].rows(begun..<piece.count).copy(
        from: initial[component].rows(begun..<piece.count))
    }
  }

  /// Leads a step to the places that it reads and writes. Rows that were not in the last step begin, those that are no
  /// longer have ended.
  ///
  /// - Parameters:
  ///   - first: the step's first row of the piece among the stored ones.
  ///   - following: of the next step in the order of the sweep the same, if it has as many rows and there is a way back.
  mutating func begin(_ step: inout CellStep, first: Int, rows: Int, following: Int?) {
    if rows < live { handOut(from: rows) }
    for component in initial.indices {
      step.previous[component] = previous(component, first: first, rows: rows)
      after[component] = next(component, first: first, rows: rows, following: following)
      step.next[component] = after[component]
    }
    live = rows
  }

  /// Where a component stands before a step: where the last one wrote it, if all rows are there and nobody needs it
  /// apart.
  private func previous(_ component: Int, first: Int, rows: Int) -> CellMatrix {
    var place = kept[component]
    let isApart = keeps && place.columns > 0
    let there = live == 0 ? rows : min(live, rows)  // the first step reads what came in
    var source = last[component]
    source.rows = there
    guard isApart || there < rows else { return source }
    // Buffers have room for rows that begin; an output has not.
    if isApart {
      place.pointer += first * place.stride
    } else if component > 0 {
      place = source
    }
    place.rows = rows
    if place.pointer != source.pointer { place.rows(0..<there).copy(from: source) }
    if there < rows {
      place.rows(there..<rows).copy(from: initial[component].rows(there..<rows))
    }
    return place
  }

  /// Where a component goes.
  private func next(_ component: Int, first: Int, rows: Int, following: Int?) -> CellMatrix {
    var place = output
    if component == 0 {
      place.pointer += first * place.stride
    } else if keeps, let following {
      place = kept[component]
      place.pointer += following * place.stride
    } else {
      place = initial[component]
      place.pointer = own[component].pointer
      if !keeps, last[component].pointer == place.pointer { place = kept[component] }
    }
    place.rows = rows
    return place
  }

  mutating func advance() { swap(&last, &after) }

  mutating func finish() {
    handOut(from: 0)
    live = 0
  }

  /// The state of rows that have ended, of the last step's all from this one on.
  private func handOut(from row: Int) {
    for component in final.indices where row < live {
      final[component].rows(row..<live).copy(from: last[component].rows(row..<live))
    }
  }

  /// Where the state begins, for a step that has not.
  var initialPlaces: [CellMatrix] { initial }
}
