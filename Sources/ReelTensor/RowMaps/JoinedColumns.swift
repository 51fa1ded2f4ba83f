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
    let places = ColumnParts(
      widths: widths, pointers: parts.map { Shared($0.storage.pointer) }, columns: columns)
    places.forEachBlock(of: rows, joined: result.storage.pointer) { block in
      kernels.copy_rows(
        block.rows, block.width, block.part, block.width, block.joined, columns)
    }
    let needed = parts.map(\.isWatched)
    return record(result, from: parts) { gradient in
      let gradients = zip(widths, needed).map { width, isNeeded in
        isNeeded
          ? Tensor(shape: [rows, width], storage: Storage(count: rows * width)) : nil
      }
      let places = ColumnParts(
        widths: widths, pointers: gradients.map { $0.map { Shared($0.storage.pointer) } },
        columns: columns)
      places.forEachBlock(of: rows, joined: gradient.storage.pointer) { block in
        kernels.copy_rows(
          block.rows, block.width, block.joined, columns, block.part, block.width)
      }
      return gradients.map { $0.map { .dense($0) } }
    }
  }
}

/// Matrices and the places of their columns in the joined one.
private struct ColumnParts: Sendable {
  let widths: [Int]
  /// Nil where a part does not matter.
  let pointers: [Shared<UnsafeMutablePointer<Float>>?]
  let columns: Int

  /// Some rows of one part, in the part and in the joined matrix.
  struct Block {
    let rows: Int
    let width: Int
    let part: UnsafeMutablePointer<Float>
    let joined: UnsafeMutablePointer<Float>
  }

  /// Calls `body` for every part of a block of rows before the next block, while its rows are in
  /// the cache.
  func forEachBlock(
    of rows: Int, joined: UnsafeMutablePointer<Float>, _ body: @Sendable (Block) -> Void
  ) {
    let joined = Shared(joined)
    Threads.forEachRange(of: rows, size: max(1, elementwiseChunk / max(columns, 1))) { range in
      var first = 0
      for (width, pointer) in zip(widths, pointers) {
        if let pointer, width > 0 {
          body(
            Block(
              rows: range.count, width: width,
              part: pointer.pointer + range.lowerBound * width,
              joined: joined.pointer + range.lowerBound * columns + first))
        }
        first += width
      }
    }
  }
}
