/// The number of axes that a convolution slides over, as a type: a layer for images takes no
/// sequences.
public protocol ConvolutionAxes: Sendable {
  static var count: Int { get }
}

/// Time, or the length of a line.
public enum OneAxis: ConvolutionAxes { public static let count = 1 }

/// Height and width.
public enum TwoAxes: ConvolutionAxes { public static let count = 2 }

/// Depth, height and width.
public enum ThreeAxes: ConvolutionAxes { public static let count = 3 }
