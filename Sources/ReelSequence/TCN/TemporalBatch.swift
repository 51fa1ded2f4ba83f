import ReelLayers
import ReelTensor

/// A batch on its way through the blocks of a TCN: as rows, one for each time step, or as planes, one
/// for each channel.
struct TemporalBatch {
  /// [steps, channels], behind the last block that was read; empty where there are planes.
  private var rows: Tensor
  private var layoutOfRows: SequenceLayout
  /// With the blocks that they will go through together.
  private var planes: TemporalPlanes?
  private let returnsState: Bool
  private var states: [Tensor] = []

  init(_ input: Sequences, holdsRows: Bool, hasHistory: Bool, returnsState: Bool) {
    layoutOfRows = input.layout
    rows = holdsRows ? input.values : Tensor(zeros: [0])
    planes = holdsRows ? nil : TemporalPlanes(input, hasHistory: hasHistory)
    self.returnsState = returnsState
  }

  /// The time steps that are there.
  private var layout: SequenceLayout { planes?.groups.layout ?? layoutOfRows }

  /// The layout of what a block reads at a time.
  var windowLayout: SequenceLayout { planes?.groups.groupLayout ?? layout }

  /// Keeps of each sequence the last time step and those at multiples of `step` before it, at most
  /// `count`.
  mutating func keepLatest(_ count: Int, every step: Int, channels: Int) {
    if planes?.keepLatest(count, every: step, channels: channels) == nil {
      let kept = Sequences(values: rows, layout: layout).latest(count, every: step)
      (rows, layoutOfRows) = (kept.values, kept.layout)
    }
  }

  /// Goes through a block.
  ///
  /// - Parameters:
  ///   - histories: what each convolution read before, components of a state; nil: zeros.
  ///   - masks: factors [batch, out] of dropout behind each convolution, in the caller's order.
  mutating func read(
    _ block: TemporalBlock, _ window: TemporalWindow, histories: (Tensor, Tensor)?,
    masks: (Tensor?, Tensor?)
  ) {
    if planes?.append(block, window, histories: histories, masks: masks) == nil {
      states += block.run(
        rows: &rows, window, histories: histories, masks: masks, returnsState: returnsState)
    }
  }

  /// The output, and what the two convolutions of each block go on with, [batch, (k − 1)·d, channels] each, if
  /// that was asked for.
  mutating func finish(channels: Int) -> (output: Sequences, states: [Tensor]) {
    if let made = planes?.run(channels: channels, returnsState: returnsState) {
      (rows, states) = made
    }
    return (Sequences(values: rows, layout: layout), states)
  }
}
