import ReelTensor

/// All blocks of a TCN on the planes of one batch: one node of the graph.
///
/// Groups know nothing of each other but the sums of their gradients. Where their number suits that of the threads
/// (`PlaneGroups.forEach`), a thread takes a group through all blocks, and back through all of them, and threads do not
/// wait for each other in each block.
struct TemporalNetworkPass: Sendable {
  /// One block, and what it reads of the planes that come.
  struct Stage: Sendable {
    let subsampling: PlaneSubsampling?
    let block: TemporalBlockPass
  }

  let groups: PlaneGroups
  let stages: [Stage]

  /// Of all blocks, as many of each.
  private var parameters: [Tensor?] { stages.flatMap(\.block.parameters) }

  /// What the blocks from `first` on multiply with, for all groups and made on all threads; of one group each
  /// block's is made in its turn, nil here.
  func prepared<Convolution: Sendable>(
    from first: Int, _ make: @Sendable (TemporalWindow, Tensor) -> Convolution
  ) -> [TemporalBlockPass.Convolutions<Convolution>]? {
    guard groups.count > 1 else { return nil }
    let weights = stages[first...].map(\.block.convolutions)
    let all = weights.flatMap { $0 }
    var made = Threads.map(all.count) { index in
      Threads.with(1) { make(all[index].window, all[index].weight) }
    }[...]
    return weights.map { ofBlock in
      defer { made = made.dropFirst(ofBlock.count) }
      return TemporalBlockPass.Convolutions(made.prefix(ofBlock.count))
    }
  }

  /// What the way back needs of a group, block after block, each until it has been there.
  final class SavedGroup: @unchecked Sendable {
    private var blocks: [TemporalBlockPass.Saved] = []

    func append(_ saved: TemporalBlockPass.Saved) { blocks.append(saved) }
    func takeLast() -> TemporalBlockPass.Saved { blocks.removeLast() }
  }

  /// What a group leaves on its way forward.
  private struct Trace: Sendable {
    let saved = SavedGroup()
    /// With states: those of the blocks that nobody watches; what the first other one read; and what it and those
    /// behind it made.
    var states: [Tensor] = []
    var entered: Tensor?
    var values: [(output: Tensor, hidden: Tensor)] = []
  }

  /// Takes all groups through all blocks, recorded from the first block on that somebody watches.
  ///
  /// - Parameter planes: the input of each group; its output when this returns.
  /// - Returns: if they are asked for, the states that each convolution goes on with, those of all groups.
  func forward(_ planes: inout [Tensor], returnsState: Bool) -> [[Tensor]] {
    let needs = (planes + parameters).map { $0?.isWatched ?? false }
    let (ofPlanes, ofParameters) = (needs[..<groups.count], Array(needs[groups.count...]))
    let perBlock = ofParameters.count / stages.count
    let lowest =
      ofPlanes.contains(true)
      ? 0 : ofParameters.firstIndex(of: true).map { $0 / perBlock } ?? stages.count
    // Where they come from, without what they hold: subsampled planes take their place.
    let inputs = planes.map {
      Tensor(shape: [0], storage: Storage(count: 0), origin: $0.origin)
    }
    let ready = prepared(from: 0) { PreparedConvolution($0, $1) }
    let traces = planes.withUnsafeMutableBufferPointer { buffer in
      let places = Shared(buffer)
      return groups.map { group in
        forward(
          &places.pointer[group], group, ready, recordedFrom: lowest, returnsState: returnsState)
      }
    }
    let unwatched = traces[0].states.indices.map { state in traces.map { $0.states[state] } }
    guard lowest < stages.count else { return unwatched }

    let shown = traces[0].values.indices.flatMap { block in
      traces.map { $0.values[block].output } + traces.map { $0.values[block].hidden }
    }
    let saved = traces.map(\.saved)
    let recorded = record(returnsState ? shown : planes, from: inputs + parameters) { gradients in
      backward(
        saved, to: lowest, arrived: &gradients, returnsState: returnsState, needs: needs)
    }
    planes = Array(
      recorded[(returnsState ? shown.count - 2 * groups.count : 0)...].prefix(groups.count))
    guard returnsState else { return [] }
    return unwatched
      + stages[lowest...].indices.flatMap { index in
        let (block, place) = (stages[index].block, 2 * (index - lowest))
        func values(_ place: Int) -> ArraySlice<Tensor> {
          recorded[place * groups.count..<(place + 1) * groups.count]
        }
        let x = index == lowest ? traces.compactMap(\.entered)[...] : values(place - 2)
        return [
          x.map { block.state(after: $0, block.histories?.0, channels: block.inputs) },
          values(place + 1).map {
            block.state(after: $0, block.histories?.1, channels: block.outputs)
          },
        ]
      }
  }

  private func forward(
    _ x: inout Tensor, _ group: Int,
    _ ready: [TemporalBlockPass.Convolutions<PreparedConvolution>]?, recordedFrom lowest: Int,
    returnsState: Bool
  ) -> Trace {
    var trace = Trace()
    for (index, stage) in stages.enumerated() {
      if let subsampling = stage.subsampling { x = subsampling.forward(x) }
      let convolutions = ready?[index] ?? stage.block.prepared { PreparedConvolution($0, $1) }
      guard index >= lowest else {
        trace.states += stage.block.replace(
          &x, group, convolutions, returnsState: returnsState)
        continue
      }
      if returnsState, index == lowest { trace.entered = x }
      let (y, saved) = stage.block.forward(x.detached(), group, convolutions)
      if returnsState { trace.values.append((y, saved.hidden)) }
      trace.saved.append(saved)
      x = y
    }
    return trace
  }
}
