import ReelTensor

/// Where a pass over equally long sequences keeps what its steps read and write, without references: threads that count
/// the same ones at every step wait for one another.
struct UnitPlaces: @unchecked Sendable {
  private let batch: Int
  private let steps: Int
  private let isReversed: Bool
  let hiddenSize: Int
  private let (gates, recurrent, saved, written): (CellMatrix, CellMatrix, CellMatrix, CellMatrix)
  private let output: UnsafeMutablePointer<Float>
  /// h before the first step.
  private let initial: UnsafeMutablePointer<Float>
  /// Where the cell has a second component of the state: before each step, and behind the last.
  private let second: (kept: UnsafeMutablePointer<Float>, final: UnsafeMutablePointer<Float>)?

  init<Cell>(_ pass: RecurrentPass<Cell>, gates: StepRows) {
    (batch, steps, isReversed) = (pass.layout.batch, pass.layout.longest, pass.isReversed)
    hiddenSize = pass.hiddenSize
    func all(_ rows: StepRows) -> CellMatrix {
      rows.matrix(piece: 0, first: 0, rows: pass.layout.batch)
    }
    (self.gates, recurrent, saved) = (all(gates), all(pass.recurrent), all(pass.saved))
    written = all(pass.written)  // no values: these cells have one phase
    output = pass.output.storage.pointer
    initial = pass.initial[0].storage.pointer
    second =
      pass.stateCount < 2
      ? nil : (pass.previous[1].pointer, pass.final[1].storage.pointer)
  }

  /// The first row of a step in the order of the sweep; all sequences are equally long.
  func row(at position: Int) -> Int { (isReversed ? steps - 1 - position : position) * batch }

  private func rows(_ all: CellMatrix, at position: Int) -> CellMatrix {
    var matrix = all
    matrix.pointer += row(at: position) * all.stride
    return matrix
  }

  private func state(_ place: UnsafeMutablePointer<Float>) -> CellMatrix {
    CellMatrix(place, rows: batch, columns: hiddenSize, stride: hiddenSize)
  }

  func gates(at position: Int) -> CellMatrix { rows(gates, at: position) }

  /// The state before a step: h stands in the output, other components by themselves.
  func previous(_ component: Int, at position: Int) -> CellMatrix {
    if component > 0, let second { return state(second.kept + row(at: position) * hiddenSize) }
    return state(position == 0 ? initial : output + row(at: position - 1) * hiddenSize)
  }

  /// The state behind a step, which is where the next one reads it.
  private func next(_ component: Int, at position: Int) -> CellMatrix {
    guard component > 0, let second else {
      return state(output + row(at: position) * hiddenSize)
    }
    return state(
      position + 1 < steps ? second.kept + row(at: position + 1) * hiddenSize : second.final)
  }

  private var components: Range<Int> { 0..<(second == nil ? 1 : 2) }

  var firstStep: CellStep {
    CellStep(
      hiddenSize: hiddenSize, goesBack: true, isCoarse: false, gates: gates, recurrent: recurrent,
      previous: components.map { previous($0, at: 0) }, next: components.map { next($0, at: 0) },
      written: written, saved: saved)
  }

  func lead(_ step: inout CellStep, to position: Int) {
    step.gates = rows(gates, at: position)
    step.recurrent = rows(recurrent, at: position)
    step.saved = rows(saved, at: position)
    for component in components {
      step.previous[component] = previous(component, at: position)
      step.next[component] = next(component, at: position)
    }
  }

  /// - Parameter states: the gradient of each component of the state.
  func firstGradientStep(states: [CellMatrix], parameters: [CellMatrix]) -> CellGradientStep {
    CellGradientStep(
      hiddenSize: hiddenSize, gates: gates, recurrent: recurrent,
      previous: components.map { previous($0, at: 0) }, written: written, writtenGradient: written,
      saved: saved, state: states, parameters: parameters)
  }

  func lead(_ step: inout CellGradientStep, to position: Int) {
    step.gates = rows(gates, at: position)
    step.recurrent = rows(recurrent, at: position)
    step.saved = rows(saved, at: position)
    for component in components {
      step.previous[component] = previous(component, at: position)
    }
  }
}
