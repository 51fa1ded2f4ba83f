import ReelTensor

/// A batch of sequences of token ids, each of its own length.
public struct TokenSequences: Sendable {
  public let layout: SequenceLayout
  /// All ids in the layout's order.
  package let ids: [Int32]

  package init(ids: [Int32], layout: SequenceLayout) {
    precondition(
      ids.count == layout.total, "TokenSequences: \(ids.count) ids for \(layout.total) time steps")
    self.ids = ids
    self.layout = layout
  }

  /// From the ids of each sequence.
  public init(_ rows: [[Int32]]) {
    let layout = SequenceLayout(lengths: rows.map(\.count))
    var ids: [Int32] = []
    ids.reserveCapacity(layout.total)
    for time in 0..<layout.longest {
      for place in 0..<layout.active[time] { ids.append(rows[layout.order[place]][time]) }
    }
    self.init(ids: ids, layout: layout)
  }

  /// The length of each sequence.
  public var lengths: [Int] { layout.lengths }

  /// The ids of one sequence.
  public subscript(row: Int) -> [Int32] {
    precondition(
      layout.lengths.indices.contains(row), "TokenSequences: row \(row) of \(layout.batch)")
    return layout.storedRows(of: row).map { ids[Int($0)] }
  }

  /// One-hot rows: `classes` features of which number `id` is 1. A negative id gives zeros.
  ///
  /// For a dense tensor only; a layer that takes `oneHot:` looks rows up and never makes it.
  public func oneHot(classes: Int) -> Sequences {
    Sequences(values: OneHot(ids, width: classes).dense, layout: layout)
  }
}
