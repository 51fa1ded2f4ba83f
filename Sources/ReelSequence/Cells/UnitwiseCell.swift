import ReelTensor

/// A cell of one phase whose units do not see one another within a step: of the gates, the products kept apart, the
/// states before and after the step, and its own parameters, a unit reads and writes what is in its own columns
/// alone. Several threads may then compute some units of a step each.
protocol UnitwiseCell: RecurrentCell {
  /// `forward` for some units.
  func forward(_ step: CellStep, units: Range<Int>)

  /// `backward` for some units.
  func backward(_ step: CellGradientStep, units: Range<Int>)
}
