/// A description that makes no network, or an image that does not fit one: one line that quotes what
/// came and what was expected.
public struct NetworkError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }

  func at(_ path: String) -> NetworkError {
    NetworkError(path.isEmpty ? description : "layer \(path): \(description)")
  }
}
