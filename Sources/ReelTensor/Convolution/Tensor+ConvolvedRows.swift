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
    checkRows(
      table.inputRows, taps: table.taps, weight: weight, bias: bias, groups: groups,
      channels: weight.rank > 1 ? weight.shape[1] * groups : 0,
      outputs: weight.shape.first ?? 0)
    let repeats = table.inputRows == 0 ? 1 : shape[0] / table.inputRows
    return convolvedRows(
      table, repeats: repeats, weight: weight, bias: bias, groups: groups, rectified: rectified)
  }

  /// The same with the number of repeats, which rows of no positions do not tell.
  func convolvedRows(
    _ table: TapTable, repeats: Int, weight: Tensor, bias: Tensor?, groups: Int, rectified: Bool
  ) -> Tensor {
    let (x, w) = (detached(), weight.detached())
    let outputs = weight.shape[0]
    let y = Tensor(
      shape: [repeats * table.outputRows, outputs],
      storage: Storage(count: repeats * table.outputRows * outputs))
    TapProduct.multiply(
      table, repeats: repeats, x.storage.pointer, stride: shape[1],
      weights: TapWeights(w, groups: groups, direction: .forward), bias: bias?.storage.pointer,
      rectified: rectified, into: y.storage.pointer)
    let needs = (isWatched, weight.isWatched, bias?.isWatched ?? false)
    let kept = rectified ? y : nil
    return record(y, from: [self, weight, bias]) { gradient in
      var dy = gradient
      if let kept {
        dy = Tensor(shape: gradient.shape, storage: Storage(count: gradient.count))
        let (target, y, arrived) = (
          Shared(dy.storage.pointer), Shared(kept.storage.pointer), Shared(gradient.storage.pointer)
        )
        Threads.forEachRange(of: dy.count, size: elementwiseChunk) { range in
          let start = range.lowerBound
          kernels.rectify_backward(
            range.count, y.pointer + start, arrived.pointer + start, target.pointer + start)
        }
      }
      return [
        needs.0
          ? .dense(dy.transposedRows(table, repeats: repeats, weight: w, bias: nil, groups: groups))
          : nil,
        needs.1
          ? .dense(
            TapProduct.weightGradient(
              table, repeats: repeats, x.storage.pointer, dy.storage.pointer, groups: groups,
              shape: w.shape)) : nil,
        needs.2 ? .dense(dy.columnSums()) : nil,
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
    let needs = (isWatched, weight.isWatched, bias?.isWatched ?? false)
    return record(y, from: [self, weight, bias]) { dy in
      // What the convolution calls its input and its output have changed places.
      var dx: Tensor?
      if needs.0 {
        let target = Tensor(shape: x.shape, storage: Storage(count: x.count))
        TapProduct.multiply(
          table, repeats: repeats, dy.storage.pointer, stride: dy.shape[1],
          weights: TapWeights(w, groups: groups, direction: .forward), bias: nil,
          rectified: false, into: target.storage.pointer)
        dx = target
      }
      return [
        dx.map { .dense($0) },
        needs.1
          ? .dense(
            TapProduct.weightGradient(
              table, repeats: repeats, dy.storage.pointer, x.storage.pointer, groups: groups,
              shape: w.shape)) : nil,
        needs.2 ? .dense(dy.columnSums()) : nil,
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
    TapProduct.multiply(
      table.inverse, repeats: repeats, storage.pointer, stride: weight.shape[0],
      weights: TapWeights(weight, groups: groups, direction: .backward),
      bias: bias?.storage.pointer, rectified: false, into: result.storage.pointer)
    return result
  }

  private func columnSums() -> Tensor {
    let sums = Tensor(shape: [shape[1]], storage: Storage(count: shape[1]))
    MatrixReduction.sumColumns(
      rows: shape[0], columns: shape[1], storage.pointer, stride: shape[1],
      into: sums.storage.pointer)
    return sums
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
