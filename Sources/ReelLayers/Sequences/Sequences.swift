import ReelTensor

/// A batch of sequences of vectors, each of its own length.
///
/// Layers take and return it as it is: nobody sorts, packs, pads or masks, and what is not there
/// cannot change a result. At the public face shapes are [batch, time, feature].
public struct Sequences: Sendable {
  public let layout: SequenceLayout
  /// All time steps, [total, feature], in the layout's order.
  package let values: Tensor

  package init(values: Tensor, layout: SequenceLayout) {
    precondition(
      values.rank == 2 && values.shape[0] == layout.total,
      "Sequences: values of shape \(values.shape) for \(layout.total) time steps")
    self.values = values
    self.layout = layout
  }

  /// The values, handed over: these sequences no longer hold them.
  package consuming func takenValues() -> Tensor { values }

  /// From a padded tensor [batch, time, feature]; row i ends after `lengths[i]` steps (all of them,
  /// without `lengths`), and whatever stands behind is never read.
  public init(_ padded: Tensor, lengths: [Int]? = nil) {
    precondition(
      padded.rank == 3,
      "Sequences: shape \(padded.shape) came, [batch, time, feature] is expected")
    let (batch, time, feature) = (padded.shape[0], padded.shape[1], padded.shape[2])
    let lengths = lengths ?? [Int](repeating: time, count: batch)
    precondition(
      lengths.count == batch && lengths.allSatisfy { $0 >= 0 && $0 <= time },
      "Sequences: lengths \(lengths) for \(batch) rows of at most \(time) steps")
    let layout = SequenceLayout(lengths: lengths)
    var places = layout.paddedPlaces
    if layout.longest != time {
      // The layout counts in its longest row; the tensor may be padded further.
      places = places.map { place in
        let (row, step) = Int(place).quotientAndRemainder(dividingBy: layout.longest)
        return Int32(row * time + step)
      }
    }
    self.init(
      values: padded.reshaped([batch * time, feature]).gatheredRows(places), layout: layout)
  }

  /// From one tensor [length, feature] for each sequence.
  public init(_ rows: [Tensor]) {
    precondition(
      rows.allSatisfy { $0.rank == 2 && $0.shape[1] == rows[0].shape[1] },
      "Sequences: shapes \(rows.map(\.shape)) came, [length, feature] with one feature size is "
        + "expected")
    precondition(!rows.isEmpty, "Sequences: no rows came; an empty batch needs a padded tensor")
    let layout = SequenceLayout(lengths: rows.map { $0.shape[0] })
    var starts = [0]
    for row in rows { starts.append(starts[starts.count - 1] + row.shape[0]) }
    var ids: [Int32] = []
    for time in 0..<layout.longest {
      for place in 0..<layout.active[time] { ids.append(Int32(starts[layout.order[place]] + time)) }
    }
    self.init(values: Tensor.concatenated(rows).gatheredRows(ids), layout: layout)
  }

  /// The number of features of each time step.
  public var featureCount: Int { values.shape[1] }

  /// The length of each sequence.
  public var lengths: [Int] { layout.lengths }

  /// [batch, longest, feature], with zeros after the end of each sequence.
  public func padded() -> Tensor {
    values.gatheredRows(layout.storedRows)
      .reshaped([layout.batch, layout.longest, featureCount])
  }

  /// One sequence, [length, feature].
  public subscript(row: Int) -> Tensor {
    precondition(
      layout.lengths.indices.contains(row), "Sequences: row \(row) of \(layout.batch)")
    return values.gatheredRows(layout.storedRows(of: row))
  }

  /// The last time step of each sequence itself, [batch, feature]; zeros for an empty one.
  public var last: Tensor { values.gatheredRows(layout.lastRows) }

  /// Applies a function of single time steps: `transform` gets [total, feature] with the steps in
  /// any order and keeps their number.
  public func mapSteps(_ transform: (Tensor) throws -> Tensor) rethrows -> Sequences {
    Sequences(values: try transform(values), layout: layout)
  }
}
