import ArgumentParser
import Reel

extension EncoderKind: ExpressibleByArgument {}
extension CharacterEncoderKind: ExpressibleByArgument {}
extension OptimizerConfiguration.Rule: ExpressibleByArgument {}

extension TokenizerKind: ExpressibleByArgument {}

extension TokenizerKind {
  /// What one token of it is called.
  var unit: String {
    switch self {
    case .bytes: "byte"
    case .characters: "character"
    default: "token"
    }
  }

  /// What many are called.
  var units: String { unit + "s" }
}

/// A limit that can be switched off: a number, or `none`.
struct Limit: ExpressibleByArgument {
  let value: Float?

  init?(argument: String) {
    if argument == "none" {
      value = nil
    } else {
      guard let number = Float(argument) else { return nil }
      value = number
    }
  }
}

/// The schedules of the learning rate by name.
enum ScheduleName: String, ExpressibleByArgument, CaseIterable {
  case constant, cosine, linear, exponential, step
}
