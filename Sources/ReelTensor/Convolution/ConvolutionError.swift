/// Sizes that make no convolution: one line that quotes what came and what was expected.
public struct ConvolutionError: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
