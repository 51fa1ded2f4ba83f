import ReelLayers
import ReelTensor

/// One direction of one layer, as the caller sees it: parameters and states that may be watched.
struct RecurrentDirection<Cell: RecurrentCell> {
  var cell: Cell
  var weights: RecurrentWeights
  var isReversed: Bool
  /// The state before the first step, each component [batch, P or H]; nil means zeros.
  var initial: [Tensor]?
  /// Variational dropout factors, [batch, P].
  var mask: Tensor?
  /// For each component of the state what keeps some of it; empty where none does.
  var zoneout: [Zoneout?]
}

enum RecurrentLayer {
  /// Runs all directions of a layer over the same input, side by side, as one node of the graph.
  ///
  /// - Parameters:
  ///   - inputs: what each direction reads. One that looks its projections up has no input weights.
  ///   - wantsFinals: whether the caller asks for the final states, where nobody goes back.
  /// - Returns: the outputs of the directions side by side [total, D·P], and for each direction its
  ///   final state, each [batch, P or H], or nothing if the caller does not ask for it and nobody goes back.
  static func run<Cell: RecurrentCell>(
    _ directions: [RecurrentDirection<Cell>], inputs: [RecurrentInput], layout: SequenceLayout,
    wantsFinals: Bool
  ) -> (output: Tensor, finals: [[Tensor]]) {
    let watched = directions.indices.map { index in
      watchables(directions[index], input: inputs[index].tensor)
    }
    let keeps = watched.joined().contains { $0?.isWatched ?? false }
    // With nobody watching, the directions write into one tensor, each into columns of its own.
    let width = directions[0].weights.outputSize
    let joined =
      keeps
      ? nil
      : Storage(count: layout.total * directions.count * width)
    let passes = directions.indices.map { index in
      makePass(
        directions[index], input: inputs[index], layout: layout, isAlone: directions.count == 1,
        wantsFinal: wantsFinals,
        output: joined.map {
          OutputPlace(storage: $0, column: index * width, stride: directions.count * width)
        })
    }

    shareInput(of: passes)
    let multipliers = passes.map { $0.prepareForward() }
    // A layer of one direction.
    if let units = multipliers[0].units {
      passes[0].forwardByUnits(units)
    } else {
      forEachPiece(of: passes) { pass, piece in
        passes[pass].forward(piece: piece, with: multipliers[pass])
      }
    }

    if let joined {
      return (
        Tensor(shape: [layout.total, directions.count * width], storage: joined),
        wantsFinals ? passes.map { $0.final.map { unsorted($0, layout) } } : []
      )
    }
    let outputs = passes.flatMap { pass in
      [Tensor(shape: [layout.total, width], storage: pass.output.storage)]
        + pass.final.map { unsorted($0, layout) }
    }
    let wantsInput = inputs.map(\.tensor.isWatched)
    let recorded = record(outputs, from: Array(watched.joined())) { gradients in
      backpropagate(passes, &gradients, wantsInput: wantsInput)
    }
    let each = Cell.State.names.count + 1
    let first = directions.indices.map { recorded[$0 * each] }
    return (
      first.count == 1 ? first[0] : Tensor.concatenated(first, axis: 1),
      directions.indices.map { Array(recorded[$0 * each + 1..<($0 + 1) * each]) }
    )
  }

  private static func backpropagate<Cell: RecurrentCell>(
    _ passes: [RecurrentPass<Cell>], _ gradients: inout [Tensor?], wantsInput: [Bool]
  ) -> [Gradient?] {
    let each = Cell.State.names.count + 1
    var prepared = passes.indices.map { index in
      let finals = gradients[index * each + 1..<(index + 1) * each].map {
        $0.map { sorted($0, passes[index].layout) }
      }
      return passes[index].prepareBackward(
        outputGradient: &gradients[index * each], finalGradients: finals)
    }
    goBack(passes, prepared, outputGradients: passes.indices.map { gradients[$0 * each] })
    // What follows may need the memory.
    gradients = []
    for pass in passes { pass.forgetStates() }
    let accumulators = prepared.map(\.accumulators)
    prepared = []
    return passes.indices.flatMap { index -> [Gradient?] in
      let result = passes[index].finishBackward(
        accumulators[index], wantsInput: wantsInput[index])
      let initial = result.initial.map { Optional(unsorted($0, passes[index].layout)) }
      let all: [Tensor?] =
        [
          result.input, result.weights.input, result.weights.hidden, result.weights.inputBias,
          result.weights.hiddenBias, result.weights.projection,
        ] + initial + result.cell.map { Optional($0) }
      return all.map { tensor in tensor.map { .dense($0) } }
    }
  }

  /// The loop over time for all pieces.
  private static func goBack<Cell: RecurrentCell>(
    _ passes: [RecurrentPass<Cell>],
    _ prepared: [(multipliers: StepProducts, accumulators: RecurrentAccumulators)],
    outputGradients: [Tensor?]
  ) {
    guard let first = passes.first else { return }
    let isParted = passes.indices.contains { index in
      passes[index].savesMemoryInStretches(
        prepared[index].accumulators, outputGradient: outputGradients[index])
    }
    for positions in BackwardStretch.positions(
      of: first.layout, width: first.outputSize, isParted: isParted,
      replacesOutput: prepared.contains { $0.accumulators.hiddenWeight != nil })
    {
      var stretches = passes.indices.map { index in
        passes[index].beginStretch(
          positions, outputGradient: outputGradients[index], prepared[index].accumulators)
      }
      if let units = prepared[0].multipliers.units {
        first.backwardByUnits(
          through: stretches[0], with: units, into: prepared[0].accumulators)
      } else {
        forEachPiece(of: passes) { [stretches] pass, piece in
          passes[pass].backward(
            piece: piece, through: stretches[pass], with: prepared[pass].multipliers,
            into: prepared[pass].accumulators)
        }
      }
      for index in passes.indices {
        stretches[index].forgetOutputGradient()
        passes[index].finishStretch(stretches[index], prepared[index].accumulators)
      }
    }
  }

  /// Everything a direction depends on, in the order in which its gradients are returned.
  private static func watchables<Cell: RecurrentCell>(
    _ direction: RecurrentDirection<Cell>, input: Tensor
  ) -> [Tensor?] {
    let weights = direction.weights
    let initial: [Tensor?] =
      direction.initial.map { $0.map { Optional($0) } }
      ?? Cell.State.names.map { _ in nil }
    return [
      input, weights.input, weights.hidden, weights.inputBias, weights.hiddenBias,
      weights.projection,
    ] + initial + direction.cell.parameters.map { Optional($0.tensor) }
  }

  private static func makePass<Cell: RecurrentCell>(
    _ direction: RecurrentDirection<Cell>, input: RecurrentInput, layout: SequenceLayout,
    isAlone: Bool, wantsFinal: Bool, output place: OutputPlace?
  ) -> RecurrentPass<Cell> {
    var cell = direction.cell
    cell.updateParameters { _, parameter in parameter = parameter.detached() }
    let weights = direction.weights.detached()
    if case .lookup(let table, let ids, _) = input {
      precondition(
        table.shape[1] >= weights.hidden.shape[0],
        "Recurrent: a table of \(table.shape[1]) projections, \(weights.hidden.shape[0]) expected")
      for id in ids {
        precondition(id < table.shape[0], "Recurrent: token \(id) of \(table.shape[0])")
      }
    }
    return RecurrentPass(
      cell: cell, layout: layout, isReversed: direction.isReversed, weights: weights,
      input: input.detached(),
      initial: direction.initial.map { $0.map { sorted($0.detached(), layout) } },
      mask: direction.mask.map { sorted($0, layout) }, zoneout: direction.zoneout,
      isAlone: isAlone, wantsFinal: wantsFinal, output: place)
  }

  /// Two directions read the same vectors, which are made ready once. One direction makes those of each step ready when
  /// it comes to it, which takes less memory.
  private static func shareInput<Cell: RecurrentCell>(of passes: [RecurrentPass<Cell>]) {
    for pass in passes {
      guard case .vectors(let x) = pass.input, let stacked = pass.stacked else { continue }
      if let first = passes.first, let input = first.stackedInput,
        case .vectors(let same) = first.input, same.storage === x.storage
      {
        pass.stackedInput = input
      } else {
        pass.stackedInput = stacked.input(x, isShared: passes.count > 1)
      }
    }
  }

  /// The first pieces hold the longest rows; taking them first keeps all threads busy to the end.
  private static func forEachPiece<Cell: RecurrentCell>(
    of passes: [RecurrentPass<Cell>], _ body: @Sendable (_ pass: Int, _ piece: Int) -> Void
  ) {
    let pieces = passes.first?.pieces.count ?? 0
    Threads.forEachFlushingDenormals(pieces * passes.count) {
      body($0 % passes.count, $0 / passes.count)
    }
  }

  /// Rows of the batch in the layout's order.
  private static func sorted(_ rows: Tensor, _ layout: SequenceLayout) -> Tensor {
    layout.isInOrder ? rows : rows.gatheredRows(layout.order.map { Int32($0) })
  }

  /// Rows in the layout's order back in the order of the batch.
  private static func unsorted(_ rows: Tensor, _ layout: SequenceLayout) -> Tensor {
    layout.isInOrder ? rows : rows.gatheredRows(layout.places)
  }
}
