/// Says when a held-out loss has stopped improving, and which model was the best.
public struct EarlyStopping: Codable, Sendable, Equatable {
  /// Observations in a row without improvement after which training stops; nil: it never does.
  public var patience: Int?
  /// A loss counts as better when it is lower than the best by more than this.
  public let minimumImprovement: Double

  /// The best loss so far; nil before the first.
  public private(set) var best: Double?
  /// Observations since the best one.
  public private(set) var observationsSinceBest = 0

  public init(patience: Int?, minimumImprovement: Double = 0) {
    self.patience = patience
    self.minimumImprovement = minimumImprovement
  }

  /// Takes the next held-out loss; true when it is the best so far. A NaN never is.
  @discardableResult
  public mutating func observe(_ loss: Double) -> Bool {
    if !loss.isNaN, best.map({ loss < $0 - minimumImprovement }) ?? true {
      best = loss
      observationsSinceBest = 0
      return true
    }
    observationsSinceBest += 1
    return false
  }

  /// Whether patience is used up.
  public var shouldStop: Bool { patience.map { observationsSinceBest >= max($0, 1) } ?? false }

  /// - Throws: `TrainingError` that quotes the first number out of range.
  public func validate() throws {
    if let patience, patience < 1 {
      throw TrainingError("early stopping: patience \(patience): at least 1 is expected")
    }
    guard minimumImprovement >= 0, minimumImprovement.isFinite else {
      throw TrainingError(
        "early stopping: minimum improvement \(minimumImprovement): "
          + "a finite number of at least 0 is expected")
    }
  }
}
