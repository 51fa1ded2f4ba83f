import ReelLayers
import ReelTensor

/// How a batch is shared out to planes: equally long sequences in groups of 16 of their own planes, so
/// that what a tap reads lies in a fourth of the memory where there are 64, and the two convolutions of a
/// block find it in the cache; any other batch as one group.
struct PlaneGroups: Sendable {
  /// Of the batch.
  let layout: SequenceLayout
  /// Of every group.
  let groupLayout: SequenceLayout
  let count: Int

  /// Sequences of a group: the widest vector, so that no lane of a time step is empty.
  private static let sequences = Planes.widestVector

  init(_ layout: SequenceLayout, hasHistory: Bool) {
    self.layout = layout
    guard layout.isUniform, !hasHistory, layout.batch % Self.sequences == 0, layout.total > 0 else {
      (groupLayout, count) = (layout, 1)
      return
    }
    count = layout.batch / Self.sequences
    groupLayout = SequenceLayout(batch: Self.sequences, length: layout.longest)
  }

  private init(_ layout: SequenceLayout, groupLayout: SequenceLayout, count: Int) {
    (self.layout, self.groupLayout, self.count) = (layout, groupLayout, count)
  }

  /// Calls `body` for every group: on one thread each where that keeps the threads busy, or at least more
  /// of them than a group by itself could; else one group after the other, each divided among the
  /// threads. Results are the same.
  func forEach(_ body: @Sendable (Int) -> Void) {
    let threads = Threads.count
    let rounds = (count + threads - 1) / threads
    let idle = rounds * threads - count
    if idle * Self.hardlyAny <= count || rounds * Self.sharesOfGroup <= count {
      Threads.forEach(count) { group in Threads.with(1) { body(group) } }
    } else {
      for group in 0..<count { body(group) }
    }
  }

  /// Groups for each place that may stay empty in the last round.
  private static let hardlyAny = 8
  /// Threads that the way back of a group keeps busy.
  private static let sharesOfGroup = 2

  /// What `body` makes of every group.
  func map<Result: Sendable>(_ body: @Sendable (Int) -> Result) -> [Result] {
    var results = [Result?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { buffer in
      let places = Shared(buffer)
      forEach { group in places.pointer[group] = body(group) }
    }
    return results.compactMap { $0 }
  }

  /// A group's rows of what has one for each sequence, [batch, …].
  func rows(_ tensor: Tensor, of group: Int) -> Tensor {
    let batch = groupLayout.batch
    return count == 1 ? tensor : tensor.slice(group * batch..<(group + 1) * batch, axis: 0)
  }

  /// The same groups, of the time steps that `SequenceLayout.latest` keeps: sequences that are equally long
  /// only now stay one group.
  func latest(_ most: Int, every step: Int) -> PlaneGroups {
    PlaneGroups(
      layout.latest(most, every: step), groupLayout: groupLayout.latest(most, every: step),
      count: count)
  }

  // MARK: Rows and planes

  /// Columns that one thread turns round at a time.
  private static let turned = 1024

  /// Calls `body` with all columns, in stretches whose rows lie one after the other: the group, the first
  /// column and the first row of each.
  private func forEachStretch(
    _ body: @Sendable (_ group: Int, Int, _ row: Int, _ count: Int) -> Void
  ) {
    guard count > 1 else {
      Threads.forEachRange(of: layout.total, size: Self.turned) { range in
        body(0, range.lowerBound, range.lowerBound, range.count)
      }
      return
    }
    let (batch, whole) = (groupLayout.batch, layout.batch)
    Threads.forEachRange(of: layout.longest, size: max(1, Self.turned / whole)) { steps in
      for group in 0..<count {
        for step in steps { body(group, step * batch, step * whole + group * batch, batch) }
      }
    }
  }

  /// Rows [columns, channels] as planes of every group, recorded.
  func planes(of rows: Tensor) -> [Tensor] {
    let channels = rows.shape[1]
    return record(turn(rows, channels: channels), from: [rows]) { gradients in
      [.dense(turnBack(gradients, channels: channels))]
    }
  }

  /// Planes of every group as rows [columns, channels], recorded.
  func rows(of planes: [Tensor], channels: Int) -> Tensor {
    record(turnBack(planes, channels: channels), from: planes) { gradient in
      turn(gradient, channels: channels).map { .dense($0) }
    }
  }

  private func turn(_ rows: Tensor, channels: Int) -> [Tensor] {
    let columns = groupLayout.total
    let planes = (0..<count).map { _ in Planes.make(channels: channels, columns: columns) }
    let (source, stride) = (Shared(rows.storage.pointer), Planes.stride(columns: columns))
    let targets = planes.map { Shared($0.storage.pointer) }
    forEachStretch { group, column, row, count in
      kernels.transpose(
        count, channels, source.pointer + row * channels, channels,
        targets[group].pointer + column, stride)
    }
    withExtendedLifetime(rows) {}
    return planes
  }

  /// Groups that have none are zeros.
  private func turnBack(_ planes: [Tensor?], channels: Int) -> Tensor {
    let rows = Tensor(
      shape: [layout.total, channels], storage: Storage(count: layout.total * channels))
    let (target, stride) = (
      Shared(rows.storage.pointer), Planes.stride(columns: groupLayout.total)
    )
    let sources = planes.map { $0.map { Shared($0.storage.pointer) } }
    forEachStretch { group, column, row, count in
      let to = target.pointer + row * channels
      if let source = sources[group] {
        kernels.transpose(channels, count, source.pointer + column, stride, to, channels)
      } else {
        to.update(repeating: 0, count: count * channels)
      }
    }
    withExtendedLifetime(planes) {}
    return rows
  }
}
