import ReelTensor

extension FeatureMaps {
  /// The part of `size` positions that begins at `origin`, one number for each axis.
  public func cropped(from origin: [Int], size: [Int]) -> FeatureMaps {
    let axes = self.size.indices
    precondition(
      origin.count == axes.count && size.count == axes.count
        && axes.allSatisfy {
          origin[$0] >= 0 && size[$0] >= 0 && origin[$0] + size[$0] <= self.size[$0]
        },
      "FeatureMaps.cropped: \(size) positions from \(origin) of maps of size \(self.size)")
    return moved(by: origin, to: size)
  }

  /// The middle part of `size` positions; where as many cannot be left off on both sides, one more
  /// is left off at the end (as in the U-Net, Ronneberger, Fischer and Brox 2015).
  public func centerCropped(to size: [Int]) -> FeatureMaps {
    precondition(
      size.count == self.size.count && zip(size, self.size).allSatisfy { $0 <= $1 },
      "FeatureMaps.centerCropped: to \(size) from maps of size \(self.size)")
    return cropped(from: zip(self.size, size).map { ($0 - $1) / 2 }, size: size)
  }

  /// Zeros around each axis.
  public func padded(_ padding: [AxisPadding]) -> FeatureMaps {
    precondition(
      padding.count == size.count && padding.allSatisfy { $0.before >= 0 && $0.after >= 0 },
      "FeatureMaps.padded: \(padding) for maps of size \(size)")
    return moved(
      by: padding.map { -$0.before }, to: zip(size, padding).map { $0 + $1.before + $1.after })
  }

  private func moved(by origin: [Int], to size: [Int]) -> FeatureMaps {
    if size == self.size, origin.allSatisfy({ $0 == 0 }) { return self }
    let rows = RowMap(
      size.indices.map {
        AxisMap(inputs: self.size[$0], shiftedBy: origin[$0], outputs: size[$0])
      })
    return FeatureMaps(values: values.combinedRows(rows, batch: batch), batch: batch, size: size)
  }
}
