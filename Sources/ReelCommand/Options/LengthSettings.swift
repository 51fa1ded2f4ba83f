import Reel

/// Settings of a training that every kind of model has, apart from those of the optimizer.
protocol LengthSettings {
  var batch: Int { get set }
  var epochs: Int? { get set }
  var minutes: Double? { get set }
  var patience: Int? { get set }
  var seed: UInt64 { get set }

  func validate() throws
}

extension LanguageModelTraining: LengthSettings {}
extension TrainingSettings: LengthSettings {}
