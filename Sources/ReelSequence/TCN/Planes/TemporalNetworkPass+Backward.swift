import ReelTensor

extension TemporalNetworkPass {
  /// The gradients of the loss in the planes of each group and in the blocks' parameters.
  ///
  /// - Parameters:
  ///   - saved: what the forward pass left of each group.
  ///   - lowest: the first block that anybody watches.
  ///   - arrived: the gradients of the last output of each group, taken out; with states, of the outputs of each
  ///     block from the lowest on, and then of its hidden values. nil: the loss does not depend on it.
  ///   - needs: for each of the planes, then of the parameters, whether anybody asks.
  func backward(
    _ saved: [SavedGroup], to lowest: Int, arrived: inout [Tensor?], returnsState: Bool,
    needs: [Bool]
  ) -> [Gradient?] {
    let count = groups.count
    let (ofPlanes, ofParameters) = (needs[..<count].contains(true), Array(needs[count...]))
    let ready = prepared(from: lowest) { PreparedGradients($0, $1, groups: count) }
    let sums = OrderedSums(count: ofParameters.count)
    let inPlanes = arrived.withUnsafeMutableBufferPointer { buffer in
      let places = Shared(buffer)
      return groups.map { group -> Gradient? in
        /// Takes the gradient of a block's output, or of its hidden values.
        func take(_ block: Int, isHidden: Bool) -> Tensor? {
          guard returnsState || (block == stages.count - 1 && !isHidden) else { return nil }
          let index = returnsState ? 2 * (block - lowest) + (isHidden ? 1 : 0) : 0
          return places.pointer[index * count + group].take()
        }
        var terms = [Tensor?](repeating: nil, count: ofParameters.count)
        var inInput: Tensor?
        for index in (lowest..<stages.count).reversed() {
          let (stage, saved) = (stages[index], saved[group].takeLast())
          var output = take(index, isHidden: false)
          if let above = inInput.take() { output = output.map { $0 + above } ?? above }
          let hidden = take(index, isHidden: true)
          guard output != nil || hidden != nil else { continue }
          let convolutions =
            ready?[index - lowest]
            ?? stage.block.prepared { PreparedGradients($0, $1, groups: count) }
          let perBlock = ofParameters.count / stages.count
          let needs = ofParameters[index * perBlock..<(index + 1) * perBlock]
          let gradients = stage.block.backward(
            saved, group, convolutions, output: output, hidden: hidden,
            needsInput: ofPlanes || index > lowest,
            needsHistories: (needs[needs.endIndex - 2], needs[needs.endIndex - 1]))
          for (place, term) in zip(needs.indices, gradients.parameters) where needs[place] {
            terms[place] = term
          }
          inInput = gradients.input.map { stage.subsampling?.backward($0) ?? $0 }
        }
        sums.add(terms, of: group)
        return inInput.map { .dense($0) }
      }
    }
    return inPlanes + sums.sums.map { sum in sum.map { .dense($0) } }
  }
}
