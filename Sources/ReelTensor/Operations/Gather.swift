import CReelKernels

extension Tensor {
  /// Rows of a table: [rows, columns] and n ids → [n, columns]. A negative id gives a row of zeros.
  ///
  /// The gradient is row-sparse: it holds the rows that were used and nothing else.
  public func gatheredRows(_ ids: [Int32]) -> Tensor {
    precondition(rank == 2, "gatheredRows of shape \(shape): a table [rows, columns] is expected")
    let table = shape
    for id in ids {
      precondition(id < table[0], "gatheredRows: row \(id) of a table with \(table[0]) rows")
    }
    return record(gatheredValue(ids), from: [self]) { gradient in
      [.rows(RowGradient(table: table, ids: ids, gradient: gradient))]
    }
  }

  /// Adds row i of this [n, columns] tensor to row ids[i] of a table of zeros with `rows` rows.
  /// Rows with a negative id are left out. The inverse direction of `gatheredRows`.
  public func scatteredRows(to ids: [Int32], rows: Int) -> Tensor {
    precondition(
      rank == 2 && shape[0] == ids.count,
      "scatteredRows: shape \(shape) and \(ids.count) ids do not fit")
    for id in ids { precondition(id < rows, "scatteredRows: row \(id) of \(rows)") }
    let sum = RowGradient(table: [rows, shape[1]], ids: ids, gradient: self).dense
    return record(sum, from: [self]) { gradient in [.dense(gradient.gatheredValue(ids))] }
  }

  func gatheredValue(_ ids: [Int32]) -> Tensor {
    let columns = shape[1]
    // Of a narrow table only the rows that are asked for are widened.
    let narrow = storage.narrow
    let source = Shared(narrow == nil ? UnsafePointer(storage.pointer) : nil)
    return Tensor.build(shape: [ids.count, columns]) { target in
      let target = Shared(target.baseAddress)
      let size = max(1, elementwiseChunk / max(columns, 1))
      Threads.forEachRange(of: ids.count, size: size) { range in
        guard let target = target.pointer else { return }
        for position in range {
          let place = target + position * columns
          let id = Int(ids[position])
          if id < 0 {
            place.update(repeating: 0, count: columns)
          } else if let source = source.pointer {
            place.update(from: source + id * columns, count: columns)
          } else {
            narrow?.widen(row: id, into: place)
          }
        }
      }
    }
  }
}
