/// Which optimizer, and its hyper-parameters: what a configuration file or a command line says.
///
/// A hyper-parameter that is nil takes the rule's default; one that the rule does not have is
/// refused.
public struct OptimizerConfiguration: Codable, Sendable, Equatable {
  public enum Rule: String, Codable, Sendable, CaseIterable {
    case sgd
    /// SGD with momentum 0.9 unless another is given.
    case momentum
    /// SGD with Nesterov's momentum, 0.9 unless another is given.
    case nesterov
    case rmsprop, adagrad, adadelta, adam, adamw

    /// A rate that is a sensible first try for a recurrent network.
    public var defaultLearningRate: Float {
      switch self {
      case .sgd: 1
      case .momentum, .nesterov: 0.1
      case .rmsprop, .adam, .adamw: 2e-3
      case .adagrad: 0.05
      case .adadelta: 1
      }
    }
  }

  public var rule: Rule
  /// Factor of the step, above 0.
  public var learningRate: Float?
  /// Of `sgd`, `momentum`, `nesterov` and `rmsprop`: at least 0, below 1.
  public var momentum: Float?
  /// At least 0. Added to the gradient; decoupled in `adamw`, whose default is 0.01.
  public var weightDecay: Float?
  /// Of the running means in `rmsprop` and `adadelta`: at least 0, below 1.
  public var decay: Float?
  /// Of `adam` and `adamw`: at least 0, below 1.
  public var beta1: Float?
  /// Of `adam` and `adamw`: at least 0, below 1.
  public var beta2: Float?
  /// Of all but the SGD family: above 0.
  public var epsilon: Float?

  public init(_ rule: Rule, learningRate: Float? = nil) {
    self.rule = rule
    self.learningRate = learningRate
  }

  /// The rule with this name.
  ///
  /// - Throws: `TrainingError` that lists the names there are.
  public init(name: String, learningRate: Float? = nil) throws {
    guard let rule = Rule(rawValue: name.lowercased()) else {
      let names = Rule.allCases.map(\.rawValue).joined(separator: ", ")
      throw TrainingError("optimizer '\(name)': expected one of \(names)")
    }
    self.init(rule, learningRate: learningRate)
  }

  /// - Throws: `TrainingError` that names the first hyper-parameter that is out of range or that
  ///   the rule does not have.
  public func validate() throws {
    let belowOne = "a number of at least 0 and below 1"
    try Self.check("learning rate", learningRate, "a finite number above 0") { $0 > 0 }
    try Self.check("momentum", momentum, belowOne) { $0 >= 0 && $0 < 1 }
    try Self.check("weight decay", weightDecay, "a finite number of at least 0") { $0 >= 0 }
    try Self.check("decay", decay, belowOne) { $0 >= 0 && $0 < 1 }
    try Self.check("beta1", beta1, belowOne) { $0 >= 0 && $0 < 1 }
    try Self.check("beta2", beta2, belowOne) { $0 >= 0 && $0 < 1 }
    try Self.check("epsilon", epsilon, "a finite number above 0") { $0 > 0 }

    let isSGD = rule == .sgd || rule == .momentum || rule == .nesterov
    let isAdam = rule == .adam || rule == .adamw
    try refuse("momentum", momentum, unless: isSGD || rule == .rmsprop)
    try refuse("decay", decay, unless: rule == .rmsprop || rule == .adadelta)
    try refuse("beta1", beta1, unless: isAdam)
    try refuse("beta2", beta2, unless: isAdam)
    try refuse("epsilon", epsilon, unless: !isSGD)
    if rule == .nesterov, momentum == 0 {
      throw TrainingError("momentum 0.0: the optimizer nesterov expects a number above 0")
    }
  }

  private static func check(
    _ name: String, _ value: Float?, _ expected: String, _ isGood: (Float) -> Bool
  ) throws {
    guard let value, !(value.isFinite && isGood(value)) else { return }
    throw TrainingError("\(name) \(value): \(expected) is expected")
  }

  private func refuse(_ name: String, _ value: Float?, unless known: Bool) throws {
    guard let value, !known else { return }
    throw TrainingError("\(name) \(value): the optimizer \(rule.rawValue) has no \(name)")
  }

  /// The optimizer, with nothing learned yet.
  ///
  /// - Throws: what `validate()` throws.
  public func makeOptimizer() throws -> any Optimizer {
    try validate()
    let rate = learningRate ?? rule.defaultLearningRate
    let weightDecay = weightDecay ?? (rule == .adamw ? 0.01 : 0)
    switch rule {
    case .sgd:
      return SGD(learningRate: rate, momentum: momentum ?? 0, weightDecay: weightDecay)
    case .momentum:
      return SGD(learningRate: rate, momentum: momentum ?? 0.9, weightDecay: weightDecay)
    case .nesterov:
      return SGD(
        learningRate: rate, momentum: momentum ?? 0.9, nesterov: true, weightDecay: weightDecay)
    case .rmsprop:
      return RMSprop(
        learningRate: rate, decay: decay ?? 0.99, momentum: momentum ?? 0,
        epsilon: epsilon ?? 1e-8, weightDecay: weightDecay)
    case .adagrad:
      return Adagrad(
        learningRate: rate, epsilon: epsilon ?? 1e-10, weightDecay: weightDecay)
    case .adadelta:
      return Adadelta(
        learningRate: rate, decay: decay ?? 0.9, epsilon: epsilon ?? 1e-6,
        weightDecay: weightDecay)
    case .adam:
      return Adam(
        learningRate: rate, beta1: beta1 ?? 0.9, beta2: beta2 ?? 0.999, epsilon: epsilon ?? 1e-8,
        weightDecay: weightDecay)
    case .adamw:
      return AdamW(
        learningRate: rate, beta1: beta1 ?? 0.9, beta2: beta2 ?? 0.999, epsilon: epsilon ?? 1e-8,
        weightDecay: weightDecay)
    }
  }
}
