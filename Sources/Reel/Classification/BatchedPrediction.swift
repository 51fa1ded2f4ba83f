import ReelTensor

/// Cuts many sequences into batches for prediction.
enum BatchedPrediction {
  /// Sequences of a batch, and time steps of all of them together unless one alone has more.
  private static let rows = 64
  private static let steps = 1 << 13

  /// Calls `answer` with batches of sequences of nearly equal length and returns the rows of its
  /// results [batch, outputs] in the order of the sequences.
  static func rows<Sequence>(
    of sequences: [Sequence], lengths: [Int], _ answer: ([Sequence]) -> Tensor
  ) -> [[Float]] {
    var result = [[Float]](repeating: [], count: sequences.count)
    let order = sequences.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    var start = 0
    while start < order.count {
      var end = start
      var total = 0
      while end < order.count, end - start < rows,
        end == start || total + lengths[order[end]] <= steps
      {
        total += lengths[order[end]]
        end += 1
      }
      let batch = order[start..<end]
      let outputs = answer(batch.map { sequences[$0] })
      let columns = outputs.shape[1]
      let values = outputs.values
      for (row, index) in batch.enumerated() {
        result[index] = Array(values[row * columns..<(row + 1) * columns])
      }
      start = end
    }
    return result
  }
}
