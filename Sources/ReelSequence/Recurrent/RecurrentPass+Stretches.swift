import ReelLayers
import ReelTensor

/// Some steps of the way back, which all pieces of the batch finish before any goes on.
///
/// Most passes go back in one stretch. Several save the memory of a tensor as large as the output, [total, P]:
/// where the gradient of the output is a product that nobody has made yet, each stretch makes its rows of it;
/// and where D takes the place of an RNN's output, each stretch keeps the states that it writes over until they
/// have met D.
struct BackwardStretch: @unchecked Sendable {
  /// Steps, by their number in the order of the sweep.
  let positions: Range<Int>
  /// The gradient of the output from stored row `firstRow` on, until the last of these steps has read it.
  private(set) var outputGradient: (values: Storage, firstRow: Int)?
  /// Where D takes the place of the output: h before these steps, in the order of their stored rows; not before the
  /// first of all where that is 0.
  let statesBefore: Storage?

  /// Lets go of what only the loop over these steps reads, before their products need as much.
  mutating func forgetOutputGradient() { outputGradient = nil }

  /// Rows that a stretch has at least about, but of a small output: products with fewer take longer.
  private static let fewestRows = 512
  /// Values of the output's gradient that a stretch has at least about: of narrow outputs more rows take no more room.
  private static let fewestValues = 1 << 17
  /// Values of an output below which stretches are half as long where D takes its place: the buffers of a
  /// stretch would be a large share of what is kept, and count for more than the time of its products.
  private static let smallOutput = 1 << 21

  /// Steps of equal stretches, the last ones first.
  ///
  /// - Parameters:
  ///   - width: features of the output.
  ///   - isParted: whether there is more than one stretch.
  ///   - replacesOutput: whether D takes the place of the output.
  static func positions(
    of layout: SequenceLayout, width: Int, isParted: Bool, replacesOutput: Bool
  ) -> [Range<Int>] {
    guard isParted else { return [0..<layout.longest] }
    let isSmall = replacesOutput && layout.total * width < smallOutput
    let rows = max(fewestRows, fewestValues / max(width, 1)) / (isSmall ? 2 : 1)
    let count = max(1, min(layout.longest, layout.total / rows))
    let length = max(1, (layout.longest + count - 1) / count)
    return stride(from: 0, to: layout.longest, by: length).reversed().map {
      $0..<min($0 + length, layout.longest)
    }
  }
}

extension RecurrentPass {
  /// Whether going back in several stretches saves memory.
  func savesMemoryInStretches(
    _ accumulators: RecurrentAccumulators, outputGradient: Tensor?
  ) -> Bool {
    accumulators.hiddenWeight != nil || outputGradient.flatMap(deferredProduct) != nil
  }

  /// The product that this gradient of the output is, if nobody has made it.
  private func deferredProduct(_ outputGradient: Tensor) -> DeferredProduct? {
    guard let product = outputGradient.storage.deferred, !product.isMade,
      product.columns == outputSize
    else { return nil }
    return product
  }

  /// Makes what the steps of a stretch read together.
  func beginStretch(
    _ positions: Range<Int>, outputGradient: Tensor?, _ accumulators: RecurrentAccumulators
  ) -> BackwardStretch {
    let rows = storedRows(at: positions)
    return BackwardStretch(
      positions: positions,
      outputGradient: outputGradient.map { gradient in
        guard let product = deferredProduct(gradient) else { return (gradient.storage.wide, 0) }
        let part = Storage(count: rows.count * outputSize, briefly: true)
        product.write(rows, to: part.pointer)
        return (part, rows.lowerBound)
      },
      statesBefore: accumulators.hiddenWeight.map { _ in
        Storage(
          count: storedRows(at: keptPositions(positions)).count * outputSize, briefly: true)
      })
  }

  /// Keeps the state after a step, which its D is about to be written over, for the step behind it in the order
  /// of the sweep, if that is of this stretch; after position −1 the initial state, where that is not 0.
  func keepState(at position: Int, of stretch: BackwardStretch, piece: Range<Int>) {
    guard let statesBefore = stretch.statesBefore,
      keptPositions(stretch.positions).contains(position + 1)
    else { return }
    let start = firstKeptRow(of: stretch)
    let to = layout.offsets[time(at: position + 1)] + piece.lowerBound - start
    let source = position < 0 ? initial[0].storage : output.storage
    let from = position < 0 ? 0 : layout.offsets[time(at: position)]
    (statesBefore.pointer + to * outputSize).update(
      from: source.pointer + (from + piece.lowerBound) * outputSize,
      count: piece.count * outputSize)
  }

  /// The stored row whose state before it is the first of `statesBefore`.
  func firstKeptRow(of stretch: BackwardStretch) -> Int {
    storedRows(at: keptPositions(stretch.positions)).lowerBound
  }

  /// Adds what the steps of a stretch give dW_hh, when all of D is there. The stretch that is run first, of the last
  /// steps, begins the sum: with zeros where it has no rows (a single step from a state of 0).
  func finishStretch(_ stretch: BackwardStretch, _ accumulators: RecurrentAccumulators) {
    guard let sum = accumulators.hiddenWeight, let statesBefore = stretch.statesBefore,
      let product = products.joined().first
    else { return }
    let rows = storedRows(at: keptPositions(stretch.positions))
    let isFirst = stretch.positions.upperBound == layout.longest
    guard !rows.isEmpty || isFirst else { return }
    sumOfProducts(
      product, accumulators.gateGradients, from: rows.lowerBound, statesBefore.pointer,
      rows: rows.count, into: sum.storage.pointer, accumulates: !isFirst)
    withExtendedLifetime(statesBefore) {}
  }

  /// The steps that have a state before them.
  func keptPositions(_ positions: Range<Int>) -> Range<Int> {
    guard startsWithZeros else { return positions }
    return min(max(positions.lowerBound, 1), positions.upperBound)..<positions.upperBound
  }

  /// The stored rows of some steps, which follow each other.
  private func storedRows(at positions: Range<Int>) -> Range<Int> {
    guard let first = positions.first, let last = positions.last else { return 0..<0 }
    let times = [time(at: first), time(at: last)].sorted()
    return layout.offsets[times[0]]..<layout.offsets[times[1] + 1]
  }
}
