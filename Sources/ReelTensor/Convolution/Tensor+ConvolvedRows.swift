import CReelKernels

extension Tensor {
  /// The convolution of rows: self [repeats·inputRows, in], `weight` [out, in/groups, taps…],
  /// `bias` [out] → [repeats·outputRows, out]; negative results become 0 where `rectified`.
  ///
  ///     y[r, o] = bias[o] + Σ_tap Σ_c weight[o, c, tap] · self[source(r, tap), c]
  ///
  /// One node of the graph, with gradients in self, weight and bias.
  package func convolvedRows(
    _ table: TapTable, weight: Tensor, bias: Tensor?, groups: Int = 1, rectified: Bool = false
  ) -> Tensor {
    convolvedRows(
      table, weight: weight, bias: bias, groups: groups,
      epilogue: RowEpilogue(rectified: rectified))
  }

  /// The same with more done to the rows in the same pass; a residual gets a gradient as well.
  ///
  /// - Parameter packed: the same weights, packed before; used where nobody watches them.
  package func convolvedRows(
    _ table: TapTable, weight: Tensor, bias: Tensor?, groups: Int = 1, epilogue: RowEpilogue,
    packed: PackedConvolution? = nil
  ) -> Tensor {
    checkRows(
      table.inputRows, taps: table.taps, weight: weight, bias: bias, groups: groups,
      channels: weight.rank > 1 ? weight.shape[1] * groups : 0,
      outputs: weight.shape.first ?? 0)
    let repeats = table.inputRows == 0 ? 1 : shape[0] / table.inputRows
    return convolvedRows(
      table, repeats: repeats, weight: weight, bias: bias, groups: groups, epilogue: epilogue,
      packed: packed)
  }

  /// Adds a convolution of `x` to these rows, [rows of the result, out]:
  ///
  ///     self = [max(0,] mask ⊙ [max(0,] x ∗ weight + bias [)] + self [)]
  ///
  /// With nobody watching, and no other owner of these rows, the sum takes their place in memory
  /// wherever the products are not written there first.
  package mutating func addConvolution(
    of x: Tensor, _ table: TapTable, weight: Tensor, bias: Tensor?, rectified: Bool = false,
    mask: Tensor? = nil, maskRows: [Int32] = [], rectifiedSum: Bool = false
  ) {
    let repeats = table.inputRows == 0 ? 1 : x.shape[0] / table.inputRows
    let isWatched = [self, x, weight, bias].contains { $0?.isWatched ?? false }
    let isInPlace =
      !isWatched && hasStorageAlone()
      && table.winogradProductTiles(
        repeats: repeats, inputs: x.shape[1], outputs: shape[1], groups: 1) != nil
    let epilogue = RowEpilogue(
      rectified: rectified, mask: mask, maskRows: maskRows, residual: self,
      rectifiedSum: rectifiedSum)
    guard isInPlace else {
      self = x.convolvedRows(table, weight: weight, bias: bias, epilogue: epilogue)
      return
    }
    epilogue.check(rows: shape[0], columns: shape[1])
    storage.forgetPackedForms()
    TapProduct.multiply(
      table, repeats: repeats, x.storage.pointer, weight: weight, groups: 1, direction: .forward,
      bias: bias?.storage.pointer, epilogue: epilogue, positive: nil, into: storage.pointer)
  }

  /// `convolvedRows` with the number of repeats, which rows of no positions do not tell.
  func convolvedRows(
    _ table: TapTable, repeats: Int, weight: Tensor, bias: Tensor?, groups: Int,
    epilogue: RowEpilogue = RowEpilogue(), packed: PackedConvolution? = nil
  ) -> Tensor {
    let (x, w) = (detached(), weight.detached())
    let (rows, outputs) = (repeats * table.outputRows, weight.shape[0])
    epilogue.check(rows: rows, columns: outputs)
    let needs = BackwardNeeds(
      input: isWatched, weight: weight.isWatched, bias: bias?.isWatched ?? false,
      residual: epilogue.residual?.isWatched ?? false)
    let positive =
      needs.any && epilogue.hidesSigns ? PositiveMarks(rows: rows, columns: outputs) : nil
    let y = Tensor(shape: [rows, outputs], storage: Storage(count: rows * outputs))
    TapProduct.multiply(
      table, repeats: repeats, x.storage.pointer, weight: w, groups: groups, direction: .forward,
      bias: bias?.storage.pointer, epilogue: epilogue, positive: positive,
      packed: weight.isWatched ? nil : packed, into: y.storage.pointer)
    guard needs.any else { return y }
    var way = epilogue
    way.residual = nil
    let kept = epilogue.rectified || epilogue.rectifiedSum ? y : nil
    return record(y, from: [self, weight, bias, epilogue.residual]) { [way] gradient in
      let arrived = EpilogueGradient(
        gradient, output: kept, way, positive: positive, hasBias: needs.bias,
        hasResidual: needs.residual)
      defer { withExtendedLifetime((x, arrived)) {} }
      return [
        needs.input
          ? .dense(
            arrived.dc.transposedRows(
              table, repeats: repeats, weight: w, bias: nil, groups: groups)) : nil,
        needs.weight
          ? .dense(
            TapGradient(
              table: table, repeats: repeats, x: x.storage.pointer, dy: arrived.dc.storage.pointer,
              shape: w.shape, groups: groups
            ).weights()) : nil,
        arrived.dbias.map { .dense($0) }, arrived.dresidual.map { .dense($0) },
      ]
    }
  }

  /// The transpose of the convolution that `table` describes: self [repeats·outputRows, in],
  /// `weight` [in, out/groups, taps…], `bias` [out] → [repeats·inputRows, out]. Row r of self adds
  /// its products to the rows that row r of the convolution reads. One node of the graph.
  package func transposedConvolvedRows(
    _ table: TapTable, weight: Tensor, bias: Tensor?, groups: Int = 1
  ) -> Tensor {
    checkRows(
      table.outputRows, taps: table.taps, weight: weight, bias: bias, groups: groups,
      channels: weight.shape.first ?? 0, outputs: weight.rank > 1 ? weight.shape[1] * groups : 0)
    let repeats = table.outputRows == 0 ? 1 : shape[0] / table.outputRows
    return transposedConvolvedRows(
      table, repeats: repeats, weight: weight, bias: bias, groups: groups)
  }

  func transposedConvolvedRows(
    _ table: TapTable, repeats: Int, weight: Tensor, bias: Tensor?, groups: Int
  ) -> Tensor {
    let (x, w) = (detached(), weight.detached())
    let y = x.transposedRows(
      table, repeats: repeats, weight: w, bias: bias?.detached(), groups: groups)
    let needs = BackwardNeeds(
      input: isWatched, weight: weight.isWatched, bias: bias?.isWatched ?? false, residual: false)
    return record(y, from: [self, weight, bias]) { dy in
      // What the convolution calls its input and its output have changed places.
      defer { withExtendedLifetime((x, dy)) {} }
      var dx: Tensor?
      if needs.input {
        let target = Tensor(shape: x.shape, storage: Storage(count: x.count))
        TapProduct.multiply(
          table, repeats: repeats, dy.storage.pointer, weight: w, groups: groups,
          direction: .forward, bias: nil, epilogue: RowEpilogue(), positive: nil,
          into: target.storage.pointer)
        dx = target
      }
      return [
        dx.map { .dense($0) },
        needs.weight
          ? .dense(
            TapGradient(
              table: table, repeats: repeats, x: dy.storage.pointer, dy: x.storage.pointer,
              shape: w.shape, groups: groups
            ).weights()) : nil,
        needs.bias
          ? .dense(EpilogueGradient.columnSums(of: dy)) : nil,
      ]
    }
  }

  /// The way back through `table`, unrecorded: the gradient in a convolution's input, and the
  /// transposed convolution. self [repeats·outputRows, weight.shape[0]].
  private func transposedRows(
    _ table: TapTable, repeats: Int, weight: Tensor, bias: Tensor?, groups: Int
  ) -> Tensor {
    let outputs = weight.shape[1] * groups
    let rows = repeats * table.inputRows
    let result = Tensor(shape: [rows, outputs], storage: Storage(count: rows * outputs))
    if groups == 1, bias == nil,
      let scattered = ScatteredTaps(table, repeats: repeats, weight: weight)
    {
      scattered.multiply(repeats, storage.pointer, into: result.storage.pointer)
      return result
    }
    TapProduct.multiply(
      table.inverse, repeats: repeats, storage.pointer, weight: weight, groups: groups,
      direction: .backward, bias: bias?.storage.pointer, epilogue: RowEpilogue(), positive: nil,
      into: result.storage.pointer)
    return result
  }

  private func checkRows(
    _ rows: Int, taps: Int, weight: Tensor, bias: Tensor?, groups: Int, channels: Int, outputs: Int
  ) {
    precondition(
      rank == 2 && weight.rank >= 2 && groups >= 1 && channels % groups == 0
        && outputs % groups == 0 && shape[1] == channels
        && weight.shape[2...].reduce(1, *) == taps
        && (rows == 0 ? shape[0] == 0 : shape[0] % rows == 0)
        && bias.map { $0.shape == [outputs] } ?? true,
      "convolution of rows \(shape) with weight \(weight.shape), bias \(bias?.shape ?? []) and "
        + "\(groups) groups: \(channels) channels, a multiple of \(rows) rows and \(taps) taps expected"
    )
  }
}

/// The inputs of a convolution that somebody wants a gradient of.
private struct BackwardNeeds {
  let input: Bool
  let weight: Bool
  let bias: Bool
  let residual: Bool
  var any: Bool { input || weight || bias || residual }
}
