/// How a call of `train` ended.
public enum TrainingEnd: String, Sendable, Codable {
  /// All epochs, or all minutes, are done.
  case finished
  /// The held-out measure has not improved for `patience` evaluations.
  case stoppedEarly
  /// `shouldStop` said so; the training can be taken up again.
  case stopped
}
