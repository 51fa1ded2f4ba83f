import ReelLayers
import ReelTensor

/// Attention of one row at a time on raw memory, forward and back; whoever calls it divides the
/// rows among threads.
struct AttentionCore: @unchecked Sendable {
  let kind: AttentionKind
  /// [S, K] and [S, M].
  let keys: Tensor
  let values: Tensor
  /// The first row of each source, and at the end their total number.
  let offsets: [Int]
  /// v of the additive kind.
  let vector: Tensor?
  let keySize: Int
  let valueSize: Int
  private let longest: Int

  init(_ kind: AttentionKind, memory: AttentionMemory, vector: Tensor?) {
    self.kind = kind
    keys = memory.keys.detached()
    values = memory.values.detached()
    offsets = memory.offsets
    self.vector = vector?.detached()
    keySize = memory.keys.shape[1]
    valueSize = memory.values.shape[1]
    longest = memory.longest
  }

  /// The first weight of each row that asks, and at the end the number of weights.
  func weightOffsets(of sources: [Int]) -> [Int] {
    var result = [0]
    result.reserveCapacity(sources.count + 1)
    var sum = 0
    for source in sources {
      sum += offsets[source + 1] - offsets[source]
      result.append(sum)
    }
    return result
  }

  /// Rows grouped by their source, so that only one thread adds to the gradient of a source. Cut by
  /// the number of sources alone.
  static func pieces(of sources: [Int], batch: Int) -> [[Int]] {
    let count = min(16, batch)
    guard count > 0 else { return [] }
    var pieces = [[Int]](repeating: [], count: count)
    for (row, source) in sources.enumerated() { pieces[source * count / batch].append(row) }
    return pieces
  }

  /// Memory that one thread works in.
  func makeScratch() -> Storage {
    Storage(count: kind == .additive ? 2 * longest * keySize + 2 * longest : 2 * longest)
  }

  /// α and the context of one query [K].
  func forward(
    source: Int, query: UnsafePointer<Float>, weights: UnsafeMutablePointer<Float>,
    context: UnsafeMutablePointer<Float>, scratch: Storage
  ) {
    let first = offsets[source]
    let count = offsets[source + 1] - first
    context.update(repeating: 0, count: valueSize)
    guard count > 0 else { return }
    let keys = keys.storage.pointer + first * keySize
    let values = values.storage.pointer + first * valueSize
    if let vector {
      let hidden = scratch.pointer
      fillHidden(keys, count, query, into: hidden)
      kernels.multiply_vector(
        count, keySize, hidden, keySize, vector.storage.pointer, nil, weights, false)
    } else {
      kernels.multiply_vector(count, keySize, keys, keySize, query, nil, weights, false)
    }
    kernels.softmax(1, count, weights, count, weights, count)
    for step in 0..<count {
      kernels.add_scaled(valueSize, weights[step], values + step * valueSize, context)
    }
  }

  /// tanh(W_q·q + W_m·m_j) for every j.
  private func fillHidden(
    _ keys: UnsafePointer<Float>, _ count: Int, _ query: UnsafePointer<Float>,
    into hidden: UnsafeMutablePointer<Float>
  ) {
    for step in 0..<count {
      kernels.add(keySize, keys + step * keySize, query, hidden + step * keySize)
    }
    kernels.hyperbolic_tangent(count * keySize, hidden, hidden)
  }

  /// The way back of `forward`. With ds the gradient of the scores:
  ///
  ///     dα_j = dcontextᵀ·m_j + what comes from outside     ds = α ⊙ (dα − αᵀ·dα)
  ///     dm_j += α_j·dcontext
  ///     dot, general: dq += Σ ds_j·key_j, dkey_j += ds_j·q
  ///     additive, u = tanh(…): g_j = ds_j·v ⊙ (1 − u_j²), dq += Σ g_j, dkey_j += g_j, dv += Σ ds_j·u_j
  func backward(
    source: Int, query: UnsafePointer<Float>, weights: UnsafePointer<Float>,
    weightGradient: UnsafePointer<Float>?, contextGradient: UnsafePointer<Float>,
    queryGradient: UnsafeMutablePointer<Float>, into sums: AttentionGradients, piece: Int,
    scratch: Storage
  ) {
    let first = offsets[source]
    let count = offsets[source + 1] - first
    guard count > 0 else { return }
    let keys = keys.storage.pointer + first * keySize
    let values = values.storage.pointer + first * valueSize
    let keySums = sums.keys.storage.pointer + first * keySize
    let valueSums = sums.values.storage.pointer + first * valueSize
    let alpha = scratch.pointer
    let score = alpha + longest
    kernels.multiply_vector(
      count, valueSize, values, valueSize, contextGradient, nil, alpha, false)
    if let weightGradient { kernels.add(count, alpha, weightGradient, alpha) }
    kernels.softmax_backward(1, count, weights, alpha, score)
    for step in 0..<count {
      kernels.add_scaled(
        valueSize, weights[step], contextGradient, valueSums + step * valueSize)
    }
    guard let vector else {
      for step in 0..<count {
        kernels.add_scaled(keySize, score[step], query, keySums + step * keySize)
        kernels.add_scaled(keySize, score[step], keys + step * keySize, queryGradient)
      }
      return
    }
    let hidden = score + longest
    let inner = hidden + longest * keySize
    fillHidden(keys, count, query, into: hidden)
    for step in 0..<count {
      kernels.scale_add(
        keySize, score[step], 0, vector.storage.pointer, inner + step * keySize)
      kernels.add_scaled(
        keySize, score[step], hidden + step * keySize, sums.vectors[piece].pointer)
    }
    kernels.hyperbolic_tangent_backward(count * keySize, hidden, inner, inner)
    for step in 0..<count {
      let gradient = inner + step * keySize
      kernels.add(keySize, keySums + step * keySize, gradient, keySums + step * keySize)
      kernels.add(keySize, queryGradient, gradient, queryGradient)
    }
  }
}

/// Where the way back collects the gradients of a memory.
struct AttentionGradients: @unchecked Sendable {
  let keys: Tensor
  let values: Tensor
  /// Of v, for each piece of rows.
  let vectors: [Storage]

  init(_ core: AttentionCore, pieces: Int) {
    keys = Tensor(zeros: core.keys.shape)
    values = Tensor(zeros: core.values.shape)
    vectors =
      core.vector == nil
      ? []
      : (0..<pieces).map { _ in
        let sum = Storage(count: core.keySize)
        sum.pointer.update(repeating: 0, count: sum.count)
        return sum
      }
  }

  /// The gradient of v: the pieces' shares in ascending order.
  var vector: Tensor? {
    guard let size = vectors.first?.count else { return nil }
    return Tensor.build(shape: [size]) { target in
      target.update(repeating: 0)
      guard let base = target.baseAddress else { return }
      for share in vectors { kernels.add(size, base, share.pointer, base) }
    }
  }
}
