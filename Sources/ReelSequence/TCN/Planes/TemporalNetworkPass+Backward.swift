import ReelTensor

extension TemporalNetworkPass {
  /// The gradients of the loss in the planes of each group and in the blocks' parameters.
  ///
  /// - Parameters:
  ///   - saved: what the forward pass left of each group.
  ///   - arrived: the gradients of the last output of each group, taken out; with states, of each block's
  ///     outputs and then of its hidden values. nil: the loss does not depend on it.
  ///   - needs: for each of the planes, then of the parameters, whether anybody asks.
  func backward(
    _ saved: [SavedGroup], arrived: inout [Tensor?], returnsState: Bool, needs: [Bool]
  ) -> [Gradient?] {
    let count = groups.count
    let (ofPlanes, ofParameters) = (needs[..<count].contains(true), Array(needs[count...]))
    let perBlock = ofParameters.count / stages.count
    @Sendable func isNeeded(_ block: Int, _ parameter: Int) -> Bool {
      ofParameters[block * perBlock + parameter]
    }
    // Nobody asks for what is below.
    let lowest = ofPlanes ? 0 : (ofParameters.firstIndex(of: true) ?? 0) / perBlock
    let ways = prepared { PreparedGradients($0, $1, groups: count) }
    let parts = arrived.withUnsafeMutableBufferPointer { buffer in
      let places = Shared(buffer)
      return groups.map { group -> (input: Tensor?, blocks: [[Tensor?]]) in
        /// Takes the gradient of a block's output, or of its hidden values.
        func take(_ block: Int, isHidden: Bool) -> Tensor? {
          guard returnsState || (block == stages.count - 1 && !isHidden) else { return nil }
          let index = returnsState ? 2 * block + (isHidden ? 1 : 0) : 0
          return places.pointer[index * count + group].take()
        }
        var blocks = [[Tensor?]](repeating: [], count: stages.count)
        var inPlanes: Tensor?
        for index in (lowest..<stages.count).reversed() {
          let (stage, saved) = (stages[index], saved[group].takeLast())
          var output = take(index, isHidden: false)
          if let above = inPlanes.take() { output = output.map { $0 + above } ?? above }
          let hidden = take(index, isHidden: true)
          guard output != nil || hidden != nil else { continue }
          let gradients = stage.block.backward(
            saved, group, ways[index], output: output, hidden: hidden,
            needsInput: ofPlanes || index > lowest,
            needsHistories: (isNeeded(index, perBlock - 2), isNeeded(index, perBlock - 1)))
          blocks[index] = gradients.parameters
          inPlanes = gradients.input.map { stage.thinning?.backward($0) ?? $0 }
        }
        return (inPlanes, blocks)
      }
    }
    // The sums of the groups, in their order.
    let sums = Threads.map(stages.count) { block in
      Threads.with(1) {
        (0..<perBlock).map { parameter -> Gradient? in
          let terms = parts.compactMap { part in
            part.blocks[block].isEmpty ? nil : part.blocks[block][parameter]
          }
          guard isNeeded(block, parameter), let first = terms.first else { return nil }
          return .dense(terms.dropFirst().reduce(first) { $0 + $1 })
        }
      }
    }
    return parts.map { part in part.input.map { Gradient.dense($0) } } + sums.flatMap { $0 }
  }
}
