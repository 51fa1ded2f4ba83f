import ReelTensor

/// What a layer reads.
enum RecurrentInput: Sendable {
  /// [total, in] in the layout's order, to be multiplied with the layer's input weights.
  case vectors(Tensor)
  /// Rows of a table [rows, G·H] of finished projections, with the bias or without, one id for each time step in the
  /// layout's order. A negative id stands for zeros, and the bias. More columns than G·H are padding.
  case lookup(Tensor, ids: [Int32], isBiased: Bool = false)

  var isLookup: Bool {
    if case .lookup = self { true } else { false }
  }

  /// The vectors or the table: what may be watched.
  var tensor: Tensor {
    switch self {
    case .vectors(let tensor), .lookup(let tensor, _, _): tensor
    }
  }

  func detached() -> RecurrentInput {
    switch self {
    case .vectors(let tensor): .vectors(tensor.detached())
    case .lookup(let table, let ids, let isBiased):
      .lookup(table.detached(), ids: ids, isBiased: isBiased)
    }
  }
}

/// Looking projections up instead of computing them.
enum ProjectionLookup {
  /// Row t of `gates` becomes table[ids[t]] + bias, or table[ids[t]] where the table has the bias.
  static func forward(
    _ table: Tensor, isBiased: Bool, _ ids: ArraySlice<Int32>, bias: Tensor?,
    into gates: CellMatrix
  ) {
    let width = gates.columns
    for (row, id) in ids.enumerated() {
      let target = gates.pointer + row * gates.stride
      let source = table.storage.pointer + Int(max(id, 0)) * table.shape[1]
      switch (id >= 0, id >= 0 && isBiased ? nil : bias) {
      case (true, .some(let bias)): kernels.add(width, source, bias.storage.pointer, target)
      case (true, .none): target.update(from: source, count: width)
      case (false, .some(let bias)): target.update(from: bias.storage.pointer, count: width)
      case (false, .none): target.update(repeating: 0, count: width)
      }
    }
  }

  /// Lends a pointer to each row of a table that has its bias.
  ///
  /// - Parameter nothing: the row of negative ids.
  static func withRows(
    _ table: Tensor, _ ids: ArraySlice<Int32>, nothing: Tensor,
    _ body: (UnsafeMutableBufferPointer<UnsafePointer<Float>?>) -> Void
  ) {
    let stride = table.shape[1]
    let (first, zero) = (table.storage.pointer, nothing.storage.pointer)
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>?.self, capacity: ids.count) { rows in
      for (row, id) in ids.enumerated() {
        rows.initializeElement(
          at: row, to: UnsafePointer(id >= 0 ? first + Int(id) * stride : zero))
      }
      body(rows)
    }
  }

  /// Columns that one thread sums: the part of a small table that they touch stays in the cache.
  private static let columns = 256

  /// The gradient of a table with `rows` rows: each row the sum over its time steps, in their order.
  static func backward(
    rows: Int, _ ids: [Int32], gradient: UnsafePointer<Float>, width: Int
  ) -> Tensor {
    let result = Tensor(zeros: [rows, width])
    let (target, source) = (result.storage, Shared(gradient))
    Threads.forEachRange(of: width, size: columns) { columns in
      for (step, id) in ids.enumerated() where id >= 0 {
        let place = target.pointer + Int(id) * width + columns.lowerBound
        kernels.add(
          columns.count, place, source.pointer + step * width + columns.lowerBound, place)
      }
    }
    return result
  }
}
