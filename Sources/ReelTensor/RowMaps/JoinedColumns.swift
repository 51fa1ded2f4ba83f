import CReelKernels

extension Tensor {
  /// Matrices of equally many rows side by side: [rows, Σ columns]. One node.
  package static func joinedColumns(_ parts: [Tensor]) -> Tensor {
    precondition(
      !parts.isEmpty && parts.allSatisfy { $0.rank == 2 && $0.shape[0] == parts[0].shape[0] },
      "joinedColumns: shapes \(parts.map(\.shape)), matrices of equally many rows expected")
    let rows = parts[0].shape[0]
    let widths = parts.map { $0.shape[1] }
    let columns = widths.reduce(0, +)
    let result = Tensor(shape: [rows, columns], storage: Storage(count: rows * columns))
    var first = 0
    for part in parts {
      copyColumns(
        rows: rows, part.shape[1], from: part.storage.pointer, stride: part.shape[1],
        to: result.storage.pointer + first, stride: columns)
      first += part.shape[1]
    }
    let needed = parts.map(\.isWatched)
    return record(result, from: parts) { gradient in
      var first = 0
      return zip(widths, needed).map { width, isNeeded in
        defer { first += width }
        guard isNeeded else { return nil }
        let part = Tensor(shape: [rows, width], storage: Storage(count: rows * width))
        copyColumns(
          rows: rows, width, from: gradient.storage.pointer + first, stride: columns,
          to: part.storage.pointer, stride: width)
        return .dense(part)
      }
    }
  }
}

/// Copies a matrix of rows×columns; strides in floats from row to row.
private func copyColumns(
  rows: Int, _ columns: Int, from source: UnsafePointer<Float>, stride sourceStride: Int,
  to target: UnsafeMutablePointer<Float>, stride targetStride: Int
) {
  guard columns > 0 else { return }
  let (source, target) = (Shared(source), Shared(target))
  Threads.forEachRange(of: rows, size: max(1, elementwiseChunk / columns)) { range in
    for row in range {
      (target.pointer + row * targetStride).update(
        from: source.pointer + row * sourceStride, count: columns)
    }
  }
}
