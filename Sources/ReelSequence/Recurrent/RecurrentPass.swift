import ReelLayers
import ReelTensor

/// The parameters of one layer in one direction, as the loop reads them.
struct RecurrentWeights {
  /// [G·H, in]; nil when the input's projections are looked up.
  var input: Tensor?
  /// [G·H, P].
  var hidden: Tensor
  /// [G·H] each.
  var inputBias: Tensor?
  var hiddenBias: Tensor?
  /// [P, H]; nil where the cell's output is the hidden state itself.
  var projection: Tensor?

  /// P, features of the hidden state.
  var outputSize: Int { hidden.shape[1] }

  /// The same values, watched by nobody.
  func detached() -> RecurrentWeights {
    RecurrentWeights(
      input: input?.detached(), hidden: hidden.detached(), inputBias: inputBias?.detached(),
      hiddenBias: hiddenBias?.detached(), projection: projection?.detached())
  }

  /// What the input projection starts from: b_ih, and b_hh for the products that are added to it.
  func combinedBias(for products: [[PlannedProduct]]) -> Tensor? {
    guard let inputBias, let hiddenBias else { return inputBias ?? hiddenBias }
    return Tensor.build(shape: inputBias.shape) { target in
      guard let base = target.baseAddress else { return }
      base.update(from: inputBias.storage.pointer, count: target.count)
      for product in products.joined() where product.destination == .gates {
        let place = base + product.firstRow
        kernels.add(product.width, place, hiddenBias.storage.pointer + product.firstRow, place)
      }
    }
  }
}

/// One sweep of one layer over a batch in one direction: the loop over time, forward and back,
/// once for all cells.
///
/// The batch is cut into pieces of rows by its size alone, and each piece is swept by one thread
/// from the first step to the last: threads never wait for each other within a sweep, and the
/// result does not depend on their number. (A way back in stretches of time is swept stretch by stretch, and
/// where pieces of the units are divided in place of rows, threads meet at each step.)
final class RecurrentPass<Cell: RecurrentCell>: @unchecked Sendable {
  let cell: Cell
  let layout: SequenceLayout
  let isReversed: Bool
  let weights: RecurrentWeights
  let input: RecurrentInput
  /// The state before the first step, each component [batch, P or H] in sorted order.
  let initial: [Tensor]
  /// Whether that is zeros for all.
  let startsWithZeros: Bool
  /// Factors of variational dropout, [batch, P] in sorted order: one mask for all steps.
  let mask: Tensor?
  /// For each component what keeps some of it; empty where none does.
  let zoneout: [Zoneout?]
  /// Whether a backward pass will follow.
  let keeps: Bool
  /// Whether no other pass runs at the same time.
  let isAlone: Bool

  let hiddenSize: Int
  /// P, features of the output and of the hidden state; H without a projection.
  let outputSize: Int
  let stateCount = Cell.State.names.count
  let products: [[PlannedProduct]]
  let pieces: [Range<Int>]
  /// Pieces of the units, where these are divided in place of rows.
  let unitPieces: [Range<Int>]

  /// What the input projection starts from, [G·H].
  let bias: Tensor?
  /// The input's projection and the recurrent product as one, where that is the faster way.
  let stacked: StackedProduct?
  /// What that reads of the input; several directions share it.
  var stackedInput: StackedProduct.Input?
  /// Where the recurrent product of a step is added to rows of the input's table: what stands for no row.
  let emptyRow: Tensor?
  /// [total, G·H]: pre-activations, then what the cell makes of them, at last their gradients. They may be the
  /// output, in the same memory; their gradients then have another place if somebody else needs that. In a prediction
  /// mostly a block of one step for each piece, of padded rows.
  var gates: StepRows { gatesApart ?? StepRows(width: hiddenSize, output.storage) }
  private let gatesApart: StepRows?
  /// What every step keeps for the way back; a block of one step when nobody will go back. `previous` of the hidden
  /// state is then needed only where rows begin between steps, and of other components is one of their two places.
  private(set) var recurrent: StepRows
  private(set) var previous: [StepRows]
  let masked: StepRows
  let written: StepRows
  let saved: StepRows
  /// What the cell wrote, [total, H], where that is projected to the hidden state.
  let unprojected: StepRows?

  /// Of rows [total, P]. Whoever was given them and writes gets a copy: this pass holds them, too. Going back it
  /// may write over them when nobody else has them any more.
  private(set) var output: OutputPlace
  /// Whether `gates` are the output.
  var gatesAreOutput: Bool { gatesApart == nil }
  /// Whether the way back reads the hidden state before a step where the step before wrote it, in the output, and none
  /// is kept in `previous`: where all sequences are equally long, all rows of both steps are there.
  let readsOutput: Bool
  /// The state after the last step of each row, each [batch, P or H] in sorted order; in a prediction none where nobody
  /// asks for it.
  let final: [Tensor]

  /// - Parameters:
  ///   - initial: the state before the first step; nil means zeros.
  ///   - isAlone: whether no other direction runs at the same time.
  ///   - wantsFinal: whether somebody asks a prediction for the state after the last step.
  ///   - place: where the output goes, of a pass that nobody goes back through; nil for one that keeps
  ///     what the way back needs, and its output apart.
  init(
    cell: Cell, layout: SequenceLayout, isReversed: Bool, weights: RecurrentWeights,
    input: RecurrentInput, initial: [Tensor]?, mask: Tensor?, zoneout: [Zoneout?],
    isAlone: Bool, wantsFinal: Bool, output place: OutputPlace?
  ) {
    let keeps = place == nil
    self.cell = cell
    self.layout = layout
    self.isReversed = isReversed
    self.weights = weights
    self.input = input
    startsWithZeros = initial == nil
    self.mask = mask
    self.zoneout = zoneout
    self.keeps = keeps
    self.isAlone = isAlone
    hiddenSize = weights.hidden.shape[0] / Cell.gateCount
    outputSize = weights.hidden.shape[1]
    let (hidden, output) = (hiddenSize, outputSize)
    let widths = Cell.State.names.indices.map { $0 == 0 ? output : hidden }
    self.initial = initial ?? widths.map { Tensor(zeros: [layout.batch, $0]) }
    let total = layout.total
    let plan = PlannedProduct.plan(Cell.phases, hiddenSize: hidden)
    products = plan.products
    pieces = keeps ? BatchPieces.of(layout.batch) : BatchPieces.forPrediction(of: layout.batch)
    unitPieces = Self.unitPieces(
      cell, weights, plan.products, layout: layout, keeps: keeps, isAlone: isAlone,
      isPlain: mask == nil && zoneout.isEmpty && weights.projection == nil)
    bias = weights.combinedBias(for: plan.products)

    let pieces = pieces
    stacked =
      keeps
      ? nil
      : Self.stackedProduct(
        input, weights, plan.products, bias: bias, rows: pieces.first?.count ?? 0, layout: layout)
    if !keeps, case .lookup(_, _, isBiased: true) = input,
      Self.isOneProduct(plan.products, width: Cell.gateCount * hidden)
    {
      emptyRow = bias ?? Tensor(zeros: [Cell.gateCount * hidden])
    } else {
      emptyRow = nil
    }
    self.output =
      place ?? OutputPlace(storage: Storage(count: total * output), column: 0, stride: output)
    precondition(
      !Cell.gatesAreOutput || Cell.gateCount == 1,
      "RecurrentCell.gatesAreOutput: of \(Cell.gateCount) gates, one is expected")
    if keeps, Cell.gatesAreOutput, weights.projection == nil, zoneout.isEmpty {
      gatesApart = nil
    } else {
      // Looked up row by row in the loop; a projection by itself is made for all steps at once.
      gatesApart = StepRows(
        width: Cell.gateCount * hidden, total: total, pieces: pieces,
        keeps: keeps || !(input.isLookup || stacked != nil), isPadded: true)
    }
    let rows = { width in StepRows(width: width, total: total, pieces: pieces, keeps: keeps) }
    recurrent = rows(plan.recurrentWidth)
    let readsOutput = keeps && layout.active.last == layout.batch
    self.readsOutput = readsOutput
    let joinsRows = isReversed && layout.active.last != layout.batch
    previous = widths.enumerated().map { component, width in
      rows(component > 0 || (keeps ? !readsOutput : joinsRows) ? width : 0)
    }
    masked = rows(mask == nil ? 0 : output)
    written = rows(plan.usesWritten ? hidden : 0)
    saved = rows(Cell.savedWidth(hiddenSize: hidden))
    unprojected = weights.projection == nil ? nil : rows(hidden)
    final = (wantsFinal || keeps ? widths : []).map {
      Tensor(shape: [layout.batch, $0], storage: Storage(count: layout.batch * $0))
    }
  }

  /// Where a step is one product for all gates, and nobody will ask for the projection by itself.
  private static func stackedProduct(
    _ input: RecurrentInput, _ weights: RecurrentWeights, _ products: [[PlannedProduct]],
    bias: Tensor?, rows: Int, layout: SequenceLayout
  ) -> StackedProduct? {
    guard case .vectors = input, let weight = weights.input,
      isOneProduct(products, width: weight.shape[0])
    else { return nil }
    return StackedProduct(
      weights: [weight, weights.hidden], bias: bias, rows: rows, total: layout.total,
      use: use(of: layout))
  }

  /// Lets go of what only the loop going back reads: nobody asks for it again.
  func forgetStates() {
    for component in previous.indices where component > 0 || readsOutput {
      previous[component] = StepRows(width: 0, Storage(count: 0))
    }
  }

  /// The same of the products that are kept apart, when all sums over the steps are made.
  func forgetKeptProducts() { recurrent = StepRows(width: 0, Storage(count: 0)) }

  /// Whether nobody else has the output any more.
  func ownsOutput() -> Bool { isKnownUniquelyReferenced(&output.storage) }

  /// Whether a step has one product, with the hidden state, for all gates.
  static func isOneProduct(_ products: [[PlannedProduct]], width: Int) -> Bool {
    guard products.count == 1, products[0].count == 1, let product = products[0].first
    else { return false }
    return product.destination == .gates && product.operand == .hidden && product.width == width
  }

  var gateWidth: Int { Cell.gateCount * hiddenSize }

  /// How often the products of a step are used, and with how many rows, whatever the threads.
  var use: StepProduct.Use {
    let use = Self.use(of: layout)
    return StepProduct.Use(
      times: use.times, rows: use.rows, isShared: isAlone && pieces.count == 1, isKept: !keeps)
  }

  private static func use(of layout: SequenceLayout) -> StepProduct.Use {
    StepProduct.Use(times: layout.longest, rows: BatchPieces.of(layout.batch).first?.count ?? 0)
  }

  /// The state before the step of this number in the order of the sweep, at the rows of a piece that start
  /// at stored row `first`.
  func previousState(
    _ component: Int, piece index: Int, position: Int, first: Int, rows: Int
  ) -> CellMatrix {
    guard component == 0, readsOutput else {
      return previous[component].matrix(piece: index, first: first, rows: rows)
    }
    let source =
      position == 0
      ? initial[0].storage.pointer + pieces[index].lowerBound * outputSize
      : output.storage.pointer + (first + (isReversed ? 1 : -1) * layout.batch) * outputSize
    return CellMatrix(source, rows: rows, columns: outputSize, stride: outputSize)
  }

  /// Units of a component of the state: P of the hidden state, H of the others.
  func width(ofState component: Int) -> Int { component == 0 ? outputSize : hiddenSize }

  /// Times in the order of the sweep.
  func time(at index: Int) -> Int { isReversed ? layout.longest - 1 - index : index }

  /// Rows of a piece that run at a time.
  func activeRows(of piece: Range<Int>, at time: Int) -> Int {
    min(layout.active[time], piece.upperBound) - piece.lowerBound
  }
}

/// Where the rows of an output are written: columns of a matrix that several passes may share.
struct OutputPlace: @unchecked Sendable {
  fileprivate(set) var storage: Storage
  let column: Int
  let stride: Int

  /// Row `first` and the ones behind it.
  func matrix(first: Int, rows: Int, columns: Int) -> CellMatrix {
    CellMatrix(
      storage.pointer + first * stride + column, rows: rows, columns: columns, stride: stride)
  }
}

/// The products of every step, their weights packed once.
struct StepProducts {
  /// Phase by phase, as the cell asks for them.
  let recurrent: [[StepProduct]]
  /// Between the cell's output and the hidden state, where that is projected.
  let projection: StepProduct?
  /// Those of pieces of the units, where these are divided; there are no others then.
  var units: UnitProducts?

  /// Whether there are products with the state and both factors of all have 8 bits.
  var isOfEightBits: Bool {
    let products = recurrent.joined()
    return !products.isEmpty && products.allSatisfy(\.isOfEightBits)
  }
}

/// A recurrent product with its place in the buffers.
struct PlannedProduct {
  /// First row of `weight_hh`, and number of rows.
  let firstRow: Int
  let width: Int
  let operand: RecurrentProduct.Operand
  let destination: RecurrentProduct.Destination
  /// First column in the destination.
  let column: Int

  static func plan(
    _ phases: [[RecurrentProduct]], hiddenSize: Int
  ) -> (products: [[PlannedProduct]], recurrentWidth: Int, usesWritten: Bool) {
    let readers = phases.indices.filter { phases[$0].contains { $0.operand == .written } }
    precondition(
      readers.count <= 1 && readers != [0],
      "RecurrentCell.phases: phases \(readers) read `written`, at most one after the first is "
        + "expected")
    var recurrentWidth = 0
    var usesWritten = false
    let products = phases.map { phase in
      phase.map { product in
        let firstRow = product.gates.lowerBound * hiddenSize
        let width = product.gates.count * hiddenSize
        var column = firstRow
        if product.destination == .recurrent {
          column = recurrentWidth
          recurrentWidth += width
        }
        usesWritten = usesWritten || product.operand == .written
        return PlannedProduct(
          firstRow: firstRow, width: width, operand: product.operand,
          destination: product.destination, column: column)
      }
    }
    return (products, recurrentWidth, usesWritten)
  }
}

/// Values that each step writes: for every step of the batch when they are kept for the way back,
/// otherwise one block for each piece, written again at every step.
struct StepRows {
  let width: Int
  /// Floats from row to row.
  private let stride: Int
  let storage: Storage
  private let blockRows: Int?

  /// - Parameter isPadded: whether rows that nobody keeps are padded (`RowPadding`).
  init(width: Int, total: Int, pieces: [Range<Int>], keeps: Bool, isPadded: Bool = false) {
    self.width = width
    stride = isPadded && !keeps ? RowPadding.stride(of: width) : width
    let tallest = pieces.map(\.count).max() ?? 0
    blockRows = keeps ? nil : tallest
    storage = Storage(count: (keeps ? total : tallest * pieces.count) * stride)
  }

  /// All steps of a batch, kept in a given storage.
  init(width: Int, _ storage: Storage) {
    self.width = width
    stride = width
    self.storage = storage
    blockRows = nil
  }

  /// The rows of a piece that start at stored row `first`.
  func matrix(piece: Int, first: Int, rows: Int) -> CellMatrix {
    let row = blockRows.map { piece * $0 } ?? first
    return CellMatrix(storage.pointer + row * stride, rows: rows, columns: width, stride: stride)
  }

  /// All rows, `width` floats apart; only where they are kept.
  var pointer: UnsafeMutablePointer<Float> {
    precondition(stride == width, "StepRows: padded rows of \(width) values are read as one block")
    return storage.pointer
  }
}
