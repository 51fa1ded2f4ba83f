import ReelTensor

/// How the loop over time divides a batch: each piece of rows is swept by one thread from the first step
/// to the last, so that threads never wait for each other.
enum BatchPieces {
  /// Rows of a large piece: they read the weights less often.
  private static let tallest = 96

  /// Pieces of at most 16 rows, of more where the batch is large; an even number, so that two threads
  /// finish together. They depend on the size of the batch alone.
  static func of(_ batch: Int) -> [Range<Int>] {
    guard batch > 0 else { return [] }
    let most = batch > 2 * tallest ? tallest : batch > 96 ? 32 : 16
    return pieces(of: batch, count: batch < 8 ? 1 : 2 * ((batch + 2 * most - 1) / (2 * most)))
  }

  /// Pieces of a batch that nobody will go back through. Every row's result is its own, and there are no
  /// sums over a piece: one thread takes large pieces.
  static func forPrediction(of batch: Int) -> [Range<Int>] {
    guard batch > 0, Threads.count == 1 else { return of(batch) }
    return pieces(of: batch, count: (batch + tallest - 1) / tallest)
  }

  private static func pieces(of batch: Int, count: Int) -> [Range<Int>] {
    // Whole tiles of a matrix unit, where pieces are large.
    let step = batch > 96 ? 16 : 1
    let size = ((batch + count - 1) / count + step - 1) / step * step
    return stride(from: 0, to: batch, by: size).map { $0..<min(batch, $0 + size) }
  }
}
