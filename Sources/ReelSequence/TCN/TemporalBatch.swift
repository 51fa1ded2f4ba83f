import ReelLayers
import ReelTensor

/// A batch on its way through the blocks of a TCN: as rows, one for each time step, or as planes, one
/// for each channel.
struct TemporalBatch {
  /// The time steps that are there.
  private(set) var layout: SequenceLayout
  /// Rows: [steps, channels] alone; planes: those of each group.
  private var values: [Tensor]
  /// How the batch is shared out to planes; nil: it is held as rows.
  private var groups: PlaneGroups?

  init(_ input: Sequences, holdsRows: Bool, hasHistory: Bool) {
    layout = input.layout
    if holdsRows {
      values = [input.values]
    } else {
      let groups = PlaneGroups(layout, hasHistory: hasHistory)
      values = groups.planes(of: input.values)
      self.groups = groups
    }
  }

  /// The layout of what a block reads at a time.
  var windowLayout: SequenceLayout { groups?.groupLayout ?? layout }

  /// Keeps of each sequence the last time step and those at multiples of `step` before it, at most
  /// `count`.
  mutating func keepLatest(_ count: Int, every step: Int, channels: Int) {
    guard let groups else {
      let kept = Sequences(values: values[0], layout: layout).latest(count, every: step)
      (values, layout) = ([kept.values], kept.layout)
      return
    }
    let kept = groups.latest(count, every: step)
    guard kept.layout != layout else { return }
    values = groups.planes(values, of: kept, every: step, channels: channels)
    (self.groups, layout) = (kept, kept.layout)
  }

  /// Goes through a block; see `TemporalBlock.run`.
  mutating func read(
    _ block: TemporalBlock, _ window: TemporalWindow, histories: (Tensor, Tensor)?,
    masks: (Tensor?, Tensor?), returnsState: Bool
  ) -> [Tensor] {
    if let groups {
      block.run(
        planes: &values, groups, window, histories: histories, masks: masks,
        returnsState: returnsState)
    } else {
      block.run(
        rows: &values[0], window, histories: histories, masks: masks, returnsState: returnsState)
    }
  }

  /// The batch as rows.
  func sequences(channels: Int) -> Sequences {
    Sequences(values: groups?.rows(of: values, channels: channels) ?? values[0], layout: layout)
  }
}
