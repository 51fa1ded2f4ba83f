import ReelLayers
import ReelTensor

/// The planes of a batch, and the blocks that they will go through together.
struct TemporalPlanes {
  /// As the next block finds them.
  private(set) var groups: PlaneGroups
  private var stages: [TemporalNetworkPass.Stage] = []
  /// Before the next block.
  private var subsampling: PlaneSubsampling?
  /// Of each group.
  private var planes: [Tensor]

  init(_ input: Sequences, hasHistory: Bool) {
    groups = PlaneGroups(input.layout, hasHistory: hasHistory)
    planes = groups.planes(of: input.values)
  }

  /// See `TemporalBatch.keepLatest`.
  mutating func keepLatest(_ count: Int, every step: Int, channels: Int) {
    let kept = groups.latest(count, every: step)
    guard kept.layout != groups.layout else { return }
    subsampling = PlaneSubsampling(
      groups.groupLayout, kept: kept.groupLayout, every: step, channels: channels)
    groups = kept
  }

  /// One block more; see `TemporalBlockPass`.
  mutating func append(
    _ block: TemporalBlock, _ window: TemporalWindow, histories: (Tensor, Tensor)?,
    masks: (Tensor?, Tensor?)
  ) {
    let pass = TemporalBlockPass(block, groups, window, histories: histories, masks: masks)
    stages.append(TemporalNetworkPass.Stage(subsampling: subsampling, block: pass))
    subsampling = nil
  }

  /// Goes through all blocks, once.
  ///
  /// - Returns: the output as rows [columns, channels] and, if they are asked for, the states that the two
  ///   convolutions of each block go on with, [batch, (k − 1)·d, channels] each.
  mutating func run(channels: Int, returnsState: Bool) -> (rows: Tensor, states: [Tensor]) {
    precondition(
      !returnsState || stages.allSatisfy { $0.subsampling == nil },
      "TemporalPlanes: states are those of all time steps, and some were left out")
    let states = TemporalNetworkPass(groups: groups, stages: stages)
      .forward(&planes, returnsState: returnsState)
    return (groups.rows(of: planes, channels: channels), states.map { .concatenated($0) })
  }
}
