import CReelKernels
import Synchronization

/// The weights of a convolution in the forms that its products read, each made when it is first
/// needed: for predictions, where the weights stay and packing them anew would cost as much as a
/// small product itself.
package final class PackedConvolution: Sendable {
  /// [out, in/groups, taps…]
  package let weight: Tensor
  package let groups: Int
  private let direct = Mutex<TapWeights?>(nil)
  private let split = Mutex<TapWeights?>(nil)
  /// By the number of points on an axis.
  private let winograd = Mutex<[Int: WinogradWeights]>([:])
  /// The table of the last input's size.
  private let last = Mutex<(geometry: ConvolutionGeometry, table: TapTable)?>(nil)

  package init(_ weight: Tensor, groups: Int) {
    (self.weight, self.groups) = (weight.detached(), groups)
  }

  /// The table of a convolution, made anew when the size of the input changes.
  package func table(_ geometry: ConvolutionGeometry) -> TapTable {
    last.withLock { kept in
      if let kept, kept.geometry == geometry { return kept.table }
      let table = TapTable(geometry)
      kept = (geometry, table)
      return table
    }
  }

  /// For sums as they stand, of bfloat16 parts if such products are given.
  func tapWeights(for splitProducts: reel_split_products? = nil) -> TapWeights {
    func get(_ packed: inout TapWeights?) -> TapWeights {
      // Another precision has other parts.
      if let packed, packed.splitProducts?.parts == splitProducts?.parts { return packed }
      let made = TapWeights(weight, groups: groups, direction: .forward, for: splitProducts)
      packed = made
      return made
    }
    return splitProducts == nil
      ? direct.withLock { get(&$0) } : split.withLock { get(&$0) }
  }

  /// For Winograd's minimal filtering; the weights are the same for all grids of their taps with as many
  /// points.
  func winogradWeights(_ grid: WinogradGrid) -> WinogradWeights {
    winograd.withLock { packed in
      if let made = packed[grid.points] { return made }
      let made = WinogradWeights(weight, direction: .forward, grid: grid)
      packed[grid.points] = made
      return made
    }
  }
}
