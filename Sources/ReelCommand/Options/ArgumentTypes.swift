import ArgumentParser
import Reel

extension TokenizerKind: ExpressibleByArgument {}
extension RecurrentCellKind: ExpressibleByArgument {}
extension OptimizerConfiguration.Rule: ExpressibleByArgument {}

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
