extension Tensor {
  /// Matrix product a·b of two matrices: [m, k] · [k, n] → [m, n]. With `transposingA` a is stored
  /// [k, m], with `transposingB` b is stored [n, k].
  public static func matrixProduct(
    _ a: Tensor, _ b: Tensor, transposingA: Bool = false, transposingB: Bool = false
  ) -> Tensor {
    let (aValue, bValue) = (a.detached(), b.detached())
    let product = productValue(
      aValue, bValue, transposingA: transposingA, transposingB: transposingB)
    let (needsA, needsB) = (a.isWatched, b.isWatched)
    return record(product, from: [a, b]) { gradient in
      // With C = A·B: dA = dC·Bᵀ and dB = Aᵀ·dC; a stored transpose swaps the operands.
      var (inA, inB): (Tensor?, Tensor?)
      if needsA {
        inA =
          transposingA
          ? productValue(bValue, gradient, transposingA: transposingB, transposingB: true)
          : productValue(gradient, bValue, transposingA: false, transposingB: !transposingB)
      }
      if needsB {
        inB =
          transposingB
          ? productValue(gradient, aValue, transposingA: true, transposingB: transposingA)
          : productValue(aValue, gradient, transposingA: !transposingA, transposingB: false)
      }
      return [inA.map { .dense($0) }, inB.map { .dense($0) }]
    }
  }

  static func productValue(
    _ a: Tensor, _ b: Tensor, transposingA: Bool, transposingB: Bool
  ) -> Tensor {
    precondition(
      a.rank == 2 && b.rank == 2
        && a.shape[transposingA ? 0 : 1] == b.shape[transposingB ? 1 : 0],
      "matrix product of shapes \(a.shape)\(transposingA ? "ᵀ" : "")"
        + " and \(b.shape)\(transposingB ? "ᵀ" : ""): the inner lengths differ")
    let m = a.shape[transposingA ? 1 : 0]
    let k = a.shape[transposingA ? 0 : 1]
    let n = b.shape[transposingB ? 0 : 1]
    let result = Tensor(shape: [m, n], storage: Storage(count: m * n))
    MatrixProduct.compute(
      m: m, n: n, k: k,
      MatrixOperand(a.storage.pointer, stride: a.shape[1], transposed: transposingA),
      MatrixOperand(b.storage.pointer, stride: b.shape[1], transposed: transposingB),
      into: result.storage.pointer, stride: n)
    return result
  }

  /// The transpose of a matrix.
  public func transposed() -> Tensor {
    precondition(rank == 2, "transposed() of shape \(shape): a matrix is expected")
    return record(transposedValue(), from: [self]) { [.dense($0.transposedValue())] }
  }

  func transposedValue() -> Tensor {
    let (rows, columns) = (shape[0], shape[1])
    let result = Tensor(shape: [columns, rows], storage: Storage(count: count))
    kernels.transpose(rows, columns, storage.pointer, columns, result.storage.pointer, rows)
    return result
  }
}
