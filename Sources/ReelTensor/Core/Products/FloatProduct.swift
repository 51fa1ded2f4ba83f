import CReelKernels

/// A product of floats on the calling thread, without references to its weights: threads that count the same ones
/// wait for one another. `FloatProducts` makes it, and it is valid as long as that lives.
package struct FloatProduct: @unchecked Sendable {
  /// Length summed over, and columns of the result.
  fileprivate let (k, n): (Int, Int)
  fileprivate let weights: Weights

  fileprivate enum Weights {
    /// As they lie: n rows of k where the product is with the transposed matrix, otherwise k rows of n.
    case rows(UnsafePointer<Float>, stride: Int, transposed: Bool)
    case panels(UnsafePointer<Float>)
  }

  /// C (rows×n) = or += A (rows×k) · B.
  package func multiply(
    rows: Int, _ a: UnsafePointer<Float>, stride lda: Int,
    into c: UnsafeMutablePointer<Float>, stride ldc: Int, accumulate: Bool
  ) {
    switch weights {
    case .panels(let packed):
      kernels.multiply_packed(rows, n, k, a, lda, packed, c, ldc, accumulate)
    case .rows(let weights, let stride, transposed: true):
      for row in 0..<rows {
        kernels.multiply_vector(
          n, k, weights, stride, a + row * lda, nil, c + row * ldc, accumulate)
      }
    case .rows(let weights, let stride, transposed: false):
      for row in 0..<rows {
        kernels.multiply_vector_transposed(
          k, n, weights, stride, a + row * lda, c + row * ldc, accumulate)
      }
    }
  }
}

/// Products of floats with blocks of the same weights, several for each piece of some work. For more than a single
/// row the weights are packed, those of a piece one block behind the other, so that who reads one is ahead in the next.
package struct FloatProducts: @unchecked Sendable {
  /// The right operand of k×n at `offset` floats from the start of the weights.
  package struct Block: Sendable {
    let (k, n, offset): (Int, Int, Int)
    package init(k: Int, n: Int, offset: Int) { (self.k, self.n, self.offset) = (k, n, offset) }
  }

  private let weights: Storage
  private let packed: [Storage]
  package let pieces: [[FloatProduct]]

  /// - Parameters:
  ///   - stride: floats from row to row of the weights.
  ///   - transposed: whether a block is read from n rows of k.
  ///   - rows: rows of the left operand, at most.
  package init(
    _ pieces: [[Block]], of weights: Storage, stride: Int, transposed: Bool, rows: Int
  ) {
    self.weights = weights
    let source = Shared(UnsafePointer(weights.pointer))
    guard rows > 1 else {
      packed = []
      self.pieces = pieces.map { blocks in
        blocks.map {
          FloatProduct(
            k: $0.k, n: $0.n,
            weights: .rows(source.pointer + $0.offset, stride: stride, transposed: transposed))
        }
      }
      return
    }
    let packed = pieces.map { blocks in
      Storage(count: blocks.reduce(0) { $0 + kernels.packed_count($1.k, $1.n) })
    }
    // Where each block is packed.
    let places = zip(pieces, packed).map { blocks, storage in
      var next = storage.pointer
      return blocks.map { block in
        defer { next += kernels.packed_count(block.k, block.n) }
        return Shared(next)
      }
    }
    Threads.forEach(pieces.count) { piece in
      for (block, place) in zip(pieces[piece], places[piece]) {
        kernels.pack(
          block.k, block.n, source.pointer + block.offset, stride, transposed, place.pointer)
      }
    }
    self.packed = packed
    self.pieces = zip(pieces, places).map { blocks, places in
      zip(blocks, places).map {
        FloatProduct(k: $0.k, n: $0.n, weights: .panels($1.pointer))
      }
    }
  }
}
