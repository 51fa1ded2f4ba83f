import CReelKernels

extension Tensor {
  /// y[r, c] = factors[c]·x[r, c] + offsets[c]: self [rows, columns], both others [columns]. One
  /// node with gradients in all three.
  package func scaledColumns(_ factors: Tensor, plus offsets: Tensor) -> Tensor {
    precondition(
      rank == 2 && factors.shape == [shape[1]] && offsets.shape == [shape[1]],
      "scaledColumns: rows \(shape), factors \(factors.shape) and offsets \(offsets.shape)")
    let (x, a, b) = (detached(), factors.detached(), offsets.detached())
    let (rows, columns) = (shape[0], shape[1])
    let none = Tensor(zeros: [columns])
    let y = x.scaledColumnsValue(a, b, none)
    let needs = (x: isWatched, others: factors.isWatched || offsets.isWatched)
    return record(y, from: [self, factors, offsets]) { dy in
      var sums: (Tensor, Tensor)?
      if needs.others { sums = columnProducts(x, dy, rows: rows, columns: columns, center: none) }
      return [
        needs.x ? .dense(dy.scaledColumnsValue(a, none, none)) : nil,
        sums.map { .dense($0.1) }, sums.map { .dense($0.0) },
      ]
    }
  }

  private func scaledColumnsValue(_ factors: Tensor, _ offsets: Tensor, _ center: Tensor) -> Tensor
  {
    let columns = shape[1]
    let y = Tensor(shape: shape, storage: Storage(count: count))
    let (source, target) = (Shared(storage.pointer), Shared(y.storage.pointer))
    Threads.forEachRange(of: shape[0], size: max(1, elementwiseChunk / max(columns, 1))) { range in
      let place = range.lowerBound * columns
      kernels.scale_columns(
        range.count, columns, source.pointer + place, center.storage.pointer,
        factors.storage.pointer, offsets.storage.pointer, nil, nil, target.pointer + place)
    }
    return y
  }
}

/// Σ_r dy[r, c] and Σ_r dy[r, c]·x[r, c]: one sum for each piece of rows, then the sums in order.
private func columnProducts(
  _ x: Tensor, _ dy: Tensor, rows: Int, columns: Int, center: Tensor
) -> (sums: Tensor, products: Tensor) {
  let size = max(1, elementwiseChunk / max(columns, 1))
  let pieces = (rows + size - 1) / size
  let (plain, product) = (Tensor(zeros: [pieces, columns]), Tensor(zeros: [pieces, columns]))
  let (plains, products) = (Shared(plain.storage.pointer), Shared(product.storage.pointer))
  Threads.forEachRange(of: rows, size: size) { range in
    let (place, piece) = (range.lowerBound * columns, range.lowerBound / size * columns)
    kernels.column_products(
      range.count, columns, x.storage.pointer + place, center.storage.pointer,
      dy.storage.pointer + place, plains.pointer + piece, products.pointer + piece)
  }
  return (
    plain.summedValue(axis: 0, keepingAxis: false), product.summedValue(axis: 0, keepingAxis: false)
  )
}
