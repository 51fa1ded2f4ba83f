/// Something from outside (a setting, a checkpoint) that training cannot use. The description is
/// one line that quotes what came and what was expected.
public struct TrainingError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String

  public init(_ description: String) { self.description = description }
}
