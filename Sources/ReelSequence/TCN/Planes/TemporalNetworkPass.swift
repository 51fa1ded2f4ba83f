import ReelTensor

/// All blocks of a TCN on the planes of one batch: one node of the graph.
///
/// Groups know nothing of each other but the sums of their gradients. So a thread takes a group through all
/// blocks, and back through all of them, and threads wait for each other once on either way, not in each block.
struct TemporalNetworkPass: Sendable {
  /// One block, and what it reads of the planes that come.
  struct Stage: Sendable {
    let thinning: PlaneThinning?
    let block: TemporalBlockPass
  }

  let groups: PlaneGroups
  let stages: [Stage]

  /// Of all blocks, as many of each.
  var parameters: [Tensor?] { stages.flatMap(\.block.parameters) }

  /// What `make` makes of each convolution of each block, on all threads.
  func prepared<Way: Sendable>(
    _ make: @Sendable (TemporalWindow, Tensor) -> Way
  ) -> [TemporalBlockPass.Ways<Way>] {
    let convolutions = stages.map(\.block.convolutions)
    let all = convolutions.flatMap { $0 }
    let ways = Threads.map(all.count) { index in
      Threads.with(1) { make(all[index].window, all[index].weight) }
    }
    var next = 0
    return convolutions.map { ofBlock in
      defer { next += ofBlock.count }
      return TemporalBlockPass.Ways(
        first: ways[next], second: ways[next + 1],
        shortcut: ofBlock.count > 2 ? ways[next + 2] : nil)
    }
  }

  /// The output of each group in place of its input, with nobody watching.
  ///
  /// - Returns: if they are asked for, the states that each convolution goes on with, those of all groups.
  func replace(_ planes: inout [Tensor], returnsState: Bool) -> [[Tensor]] {
    let ways = prepared { PreparedConvolution($0, $1) }
    let states = planes.withUnsafeMutableBufferPointer { buffer in
      let places = Shared(buffer)
      return groups.map { group in
        zip(stages, ways).flatMap { stage, ways in
          if let thinning = stage.thinning {
            places.pointer[group] = thinning.forward(places.pointer[group])
          }
          return stage.block.replace(
            &places.pointer[group], group, ways, returnsState: returnsState)
        }
      }
    }
    return states[0].indices.map { state in states.map { $0[state] } }
  }

  /// What the way back needs of a group, block after block, each until it has been there.
  final class SavedGroup: @unchecked Sendable {
    private var blocks: [TemporalBlockPass.Saved] = []

    func append(_ saved: TemporalBlockPass.Saved) { blocks.append(saved) }
    func takeLast() -> TemporalBlockPass.Saved { blocks.removeLast() }
  }

  /// The same, recorded.
  func forward(_ planes: inout [Tensor], returnsState: Bool) -> [[Tensor]] {
    let ways = prepared { PreparedConvolution($0, $1) }
    let input = planes
    let made = groups.map { group in
      let saved = SavedGroup()
      var x = input[group].detached()
      let values = zip(stages, ways).map { stage, ways in
        if let thinning = stage.thinning { x = thinning.forward(x) }
        let (y, ofBlock) = stage.block.forward(x, group, ways)
        saved.append(ofBlock)
        x = y
        return (output: y, hidden: ofBlock.hidden)
      }
      // States look at all of them, everybody else at the last output.
      return (values: returnsState ? values : Array(values.suffix(1)), saved: saved)
    }
    let shown = made[0].values.indices.map { index in made.map { $0.values[index] } }
    let inputs = input + parameters
    let (saved, needs) = (made.map(\.saved), inputs.map { $0?.isWatched ?? false })
    let recorded = record(
      shown.flatMap { $0.map(\.output) + (returnsState ? $0.map(\.hidden) : []) }, from: inputs
    ) { gradients in
      backward(saved, arrived: &gradients, returnsState: returnsState, needs: needs)
    }
    guard returnsState else {
      planes = recorded
      return []
    }
    // Of each block the outputs of all groups, then the hidden values.
    func values(_ index: Int) -> [Tensor] {
      Array(recorded[index * groups.count..<(index + 1) * groups.count])
    }
    planes = values(2 * stages.count - 2)
    return stages.indices.flatMap { index in
      let block = stages[index].block
      let x = index == 0 ? input : values(2 * index - 2)
      return [
        x.map { block.state(after: $0, block.histories?.0, channels: block.inputs) },
        values(2 * index + 1).map {
          block.state(after: $0, block.histories?.1, channels: block.outputs)
        },
      ]
    }
  }
}
