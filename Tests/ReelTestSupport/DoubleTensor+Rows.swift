import Foundation

// Operations on the rows along the last axis.
extension DoubleTensor {
  package var columns: Int { shape.last ?? 1 }
  package var rows: Int { columns == 0 ? 0 : count / columns }

  package func mapRows(_ function: ([Double]) -> [Double]) -> DoubleTensor {
    var result: [Double] = []
    result.reserveCapacity(count)
    for row in 0..<rows { result += function(Array(values[row * columns..<(row + 1) * columns])) }
    return DoubleTensor(shape, result)
  }

  package func logSoftmax() -> DoubleTensor {
    mapRows { row in
      let largest = row.max() ?? 0
      let logSum = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
      return row.map { $0 - logSum }
    }
  }

  package func softmax() -> DoubleTensor { logSoftmax().map { exp($0) } }

  package func layerNormalized(
    gain: DoubleTensor, bias: DoubleTensor, epsilon: Double
  ) -> DoubleTensor {
    mapRows { row in
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      return row.indices.map {
        (row[$0] - mean) / (variance + epsilon).squareRoot() * gain.values[$0] + bias.values[$0]
      }
    }
  }

  /// x·Wᵀ + b along the last axis.
  package func affineMap(weight: DoubleTensor, bias: DoubleTensor?) -> DoubleTensor {
    let outer = Array(shape.dropLast())
    let flat = reshaped([outer.reduce(1, *), columns])
    var result = flat.product(weight.transposed())
    if let bias { result = result + bias }
    return result.reshaped(outer + [weight.shape[0]])
  }

  /// Sum over rows of (1 − ε)·(−log p_t) + ε·mean_j(−log p_j).
  package func crossEntropySum(_ targets: [Int32], smoothing: Double) -> DoubleTensor {
    let logs = logSoftmax()
    var sum = 0.0
    for (row, target) in targets.enumerated() where target >= 0 {
      let slice = logs.values[row * columns..<(row + 1) * columns]
      sum -= (1 - smoothing) * slice[slice.startIndex + Int(target)]
      sum -= smoothing * slice.reduce(0, +) / Double(columns)
    }
    return DoubleTensor([], [sum])
  }

  package func gatheredRows(_ ids: [Int32]) -> DoubleTensor {
    DoubleTensor([ids.count, shape[1]]) { index in
      let id = Int(ids[index[0]])
      return id < 0 ? 0 : self[[id, index[1]]]
    }
  }

  package func scatteredRows(to ids: [Int32], rows: Int) -> DoubleTensor {
    var result = DoubleTensor([rows, shape[1]]) { _ in 0 }
    for (position, id) in ids.enumerated() where id >= 0 {
      for column in 0..<shape[1] { result[[Int(id), column]] += self[[position, column]] }
    }
    return result
  }
}
