/// Positions of zeros that are put before and after one axis.
public struct AxisPadding: Sendable, Hashable, Codable {
  public var before: Int
  public var after: Int

  public init(before: Int = 0, after: Int = 0) {
    self.before = before
    self.after = after
  }
}

/// What stands around the input of a convolution. With k the kernel's length on an axis, d its
/// dilation, s the stride and n the input's length, the window spans (k − 1)·d + 1 positions.
public enum ConvolutionPadding: Sendable, Hashable, Codable {
  /// Nothing: windows lie inside the input.
  case valid
  /// Zeros on both sides so that ⌈n/s⌉ positions come out; an odd one goes to the end (as in
  /// TensorFlow, and as PyTorch's "same" for stride 1).
  case same
  /// (k − 1)·d zeros before the input and none after: output t sees inputs up to s·t.
  case causal
  /// Zeros on each side of each axis.
  case explicit([AxisPadding])

  /// The same number of zeros before and after each axis, as PyTorch's `padding`.
  public static func both(_ zeros: [Int]) -> ConvolutionPadding {
    .explicit(zeros.map { AxisPadding(before: $0, after: $0) })
  }
}

extension ConvolutionPadding: CustomStringConvertible {
  public var description: String {
    switch self {
    case .valid: "valid"
    case .same: "same"
    case .causal: "causal"
    case .explicit(let axes): "[" + axes.map(\.description).joined(separator: ", ") + "]"
    }
  }
}

extension AxisPadding: CustomStringConvertible {
  public var description: String { before == after ? "\(before)" : "\(before)+\(after)" }
}
