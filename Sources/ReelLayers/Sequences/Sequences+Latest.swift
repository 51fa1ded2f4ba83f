import ReelTensor

extension SequenceLayout {
  /// Of each sequence the last time step and those at multiples of `step` before it, at most `count`
  /// of them: how they lie by themselves, in order.
  package func latest(_ count: Int, every step: Int) -> SequenceLayout {
    precondition(
      count >= 0 && step > 0, "latest: \(count) steps, every \(step); at least 0 and 1 are expected"
    )
    return SequenceLayout(lengths: lengths.map { min(count, ($0 + step - 1) / step) })
  }

  /// The stored row, here, of each time step that `latest` has `kept`.
  package func rows(of kept: SequenceLayout, every step: Int) -> [Int32] {
    let places = places
    var rows: [Int32] = []
    rows.reserveCapacity(kept.total)
    for time in 0..<kept.longest {
      for row in kept.order.prefix(kept.active[time]) {
        let source = lengths[row] - 1 - (kept.lengths[row] - 1 - time) * step
        rows.append(Int32(offsets[source]) + places[row])
      }
    }
    return rows
  }
}

extension Sequences {
  /// The time steps that `SequenceLayout.latest` says, recorded.
  package func latest(_ count: Int, every step: Int) -> Sequences {
    let kept = layout.latest(count, every: step)
    guard kept != layout else { return self }
    return Sequences(values: values.gatheredRows(layout.rows(of: kept, every: step)), layout: kept)
  }
}

extension TokenSequences {
  /// The time steps that `SequenceLayout.latest` says.
  package func latest(_ count: Int, every step: Int) -> TokenSequences {
    let kept = layout.latest(count, every: step)
    guard kept != layout else { return self }
    return TokenSequences(
      ids: layout.rows(of: kept, every: step).map { ids[Int($0)] }, layout: kept)
  }
}
