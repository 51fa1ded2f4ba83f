import Synchronization

/// What is derived from a table when a product first needs it, and then kept beside it: the same
/// table serves a convolution and its weight gradient, and a prepared layer every call.
final class TapForms: Sendable {
  private let tiles = Mutex<WinogradTiles?>(nil)
  private let joined = Mutex<JoinedLayout?>(nil)

  func tiles(_ grid: WinogradGrid) -> WinogradTiles {
    tiles.withLock { kept in
      if let kept { return kept }
      let made = WinogradTiles(grid)
      kept = made
      return made
    }
  }

  func joined(_ table: TapTable, channels: Int) -> JoinedLayout? {
    joined.withLock { kept in
      if let kept, kept.stride == channels { return kept }
      kept = JoinedLayout(table, channels: channels)
      return kept
    }
  }
}

extension TapTable {
  /// The tiles of Winograd's minimal filtering, where it applies and is the faster way.
  ///
  /// - Parameter isPacked: the points of the weights are there already.
  func winogradTiles(
    repeats: Int, inputs: Int, outputs: Int, groups: Int, isPacked: Bool = false
  ) -> (grid: WinogradGrid, tiles: WinogradTiles)? {
    guard let grid,
      WinogradProduct.pays(
        grid, repeats: repeats, inputs: inputs, outputs: outputs, groups: groups,
        isPacked: isPacked)
    else { return nil }
    return (grid, forms.tiles(grid))
  }

  /// The same for results, not gradients of weights: at medium precision a matrix unit's plain sums are
  /// the faster way where they apply.
  func winogradProductTiles(
    repeats: Int, inputs: Int, outputs: Int, groups: Int, isPacked: Bool = false
  ) -> (grid: WinogradGrid, tiles: WinogradTiles)? {
    if ProductPrecision.current == .medium,
      let products = SplitRows.products(
        rows: repeats * outputRows, inputs: inputs, outputs: outputs, groups: groups),
      products.on_tiles
    {
      return nil
    }
    return winogradTiles(
      repeats: repeats, inputs: inputs, outputs: outputs, groups: groups, isPacked: isPacked)
  }

  /// Taps of few channels taken together; nil where that gains nothing.
  func joined(channels: Int, outputs: Int) -> JoinedLayout? {
    guard JoinedLayout.holdsWeights(self, channels: channels, outputs: outputs) else { return nil }
    return forms.joined(self, channels: channels)
  }
}
