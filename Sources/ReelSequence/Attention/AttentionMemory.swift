import ReelLayers
import ReelTensor

/// What attention looks at: the vectors of each source, and what is computed of them once and not at
/// each step.
///
/// Letters: N sources, S time steps of all sources together, M features, K features of a key.
public struct AttentionMemory: Sendable {
  /// [S, M], one source after the other.
  package let values: Tensor
  /// [S, K].
  package let keys: Tensor
  /// The first row of each source, and at the end their total number.
  package let offsets: [Int]

  package init(values: Tensor, keys: Tensor, offsets: [Int]) {
    precondition(
      values.shape[0] == keys.shape[0] && offsets.last == values.shape[0],
      "AttentionMemory: values \(values.shape), keys \(keys.shape), \(offsets.last ?? 0) steps")
    self.values = values
    self.keys = keys
    self.offsets = offsets
  }

  /// The number of sources.
  public var batch: Int { offsets.count - 1 }

  /// The number of time steps of a source; 0 is legal.
  public func length(of source: Int) -> Int { offsets[source + 1] - offsets[source] }

  /// The number of time steps of the longest source.
  public var longest: Int { (0..<batch).reduce(0) { max($0, length(of: $1)) } }
}

extension SequenceLayout {
  /// The stored row of each time step of each sequence, one sequence after the other.
  var rowsBySequence: [Int32] {
    let places = places
    var rows: [Int32] = []
    rows.reserveCapacity(total)
    for row in lengths.indices {
      for time in 0..<lengths[row] { rows.append(Int32(offsets[time]) + places[row]) }
    }
    return rows
  }
}

/// The weights of attention: for each row that asked, one for each time step of its source.
public struct AttentionWeights: Sendable {
  /// All weights, row after row.
  package let values: Tensor
  /// The first weight of each row, and at the end their total number.
  package let offsets: [Int]

  package init(values: Tensor, offsets: [Int]) {
    self.values = values
    self.offsets = offsets
  }

  /// Rows that asked.
  public var rows: Int { offsets.count - 1 }

  /// The weights of one row: they are positive and sum to 1; empty for an empty source.
  public subscript(row: Int) -> [Float] {
    values.withUnsafeValues { Array($0[offsets[row]..<offsets[row + 1]]) }
  }
}
