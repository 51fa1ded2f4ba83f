/// Lowers the learning rate when a loss has stopped falling, as PyTorch's `ReduceLROnPlateau` (mode
/// `min`, relative threshold).
///
/// A value with its state: save it in a checkpoint and the training goes on as it would have.
/// Multiply the rate of a schedule with `scale`.
public struct ReduceOnPlateau: Codable, Sendable, Equatable {
  /// What `scale` is multiplied with.
  public let factor: Double
  /// Observations without improvement that are waited for.
  public let patience: Int
  /// A loss counts as better below best · (1 − threshold).
  public let threshold: Double
  /// Observations after a reduction in which none is counted as bad.
  public let cooldown: Int
  /// `scale` never falls below this.
  public let minimum: Double

  /// The factor of the learning rate now.
  public private(set) var scale = 1.0
  /// The best loss so far; nil before the first.
  public private(set) var best: Double?
  private var badObservations = 0
  private var cooldownLeft = 0

  public init(
    factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4, cooldown: Int = 0,
    minimum: Double = 0
  ) {
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.cooldown = cooldown
    self.minimum = minimum
  }

  /// Takes the next held-out loss; true when it lowered `scale`. A NaN is no improvement.
  @discardableResult
  public mutating func observe(_ loss: Double) -> Bool {
    if !loss.isNaN, best.map({ loss < $0 * (1 - threshold) }) ?? true {
      best = loss
      badObservations = 0
    } else {
      badObservations += 1
    }
    if cooldownLeft > 0 {
      cooldownLeft -= 1
      badObservations = 0
    }
    guard badObservations > patience else { return false }
    badObservations = 0
    cooldownLeft = cooldown
    let lowered = max(scale * factor, minimum)
    defer { scale = lowered }
    return lowered < scale
  }

  /// - Throws: `TrainingError` that quotes the first number out of range.
  public func validate() throws {
    func check(_ isGood: Bool, _ message: String) throws {
      if !isGood { throw TrainingError("reduce on plateau: \(message)") }
    }
    try check(
      factor > 0 && factor < 1, "factor \(factor): a number above 0 and below 1 is expected")
    try check(patience >= 0, "patience \(patience): at least 0 is expected")
    try check(
      threshold >= 0 && threshold < 1,
      "threshold \(threshold): a number of at least 0 and below 1 is expected")
    try check(cooldown >= 0, "cooldown \(cooldown): at least 0 is expected")
    try check(
      minimum >= 0 && minimum <= 1,
      "minimum \(minimum): a number of at least 0 and at most 1 is expected")
  }
}
