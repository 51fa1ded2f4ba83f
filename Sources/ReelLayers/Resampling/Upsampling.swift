import ReelTensor

/// Maps of another size, larger or smaller, by interpolation: PyTorch's `interpolate` without
/// antialiasing.
///
/// On an axis from n to m positions, output i stands at x = (i + ½)·n/m − ½ of the input
/// (half-pixel centres), or with `alignsCorners` at x = i·(n − 1)/(m − 1), so that the first and
/// the last positions meet; see ``Interpolation`` for what is made of x.
///
/// Shapes: x [batch, channel, size…] of one to three axes as ``FeatureMaps`` or as a tensor. It has
/// no parameters and is no module; a list of one number stands for all axes.
public struct Upsampling: Sendable, Codable, Hashable {
  /// What the output's size is.
  public enum Target: Sendable, Codable, Hashable {
    case size([Int])
    /// ⌊n·scale⌋ positions for n; 1/scale takes the place of n/m above.
    case scale([Double])
  }

  public var interpolation: Interpolation
  public var target: Target
  public var alignsCorners: Bool

  public init(_ interpolation: Interpolation, size: [Int], alignsCorners: Bool = false) {
    (self.interpolation, target) = (interpolation, .size(size))
    self.alignsCorners = alignsCorners
  }

  public init(_ interpolation: Interpolation, scale: [Double], alignsCorners: Bool = false) {
    (self.interpolation, target) = (interpolation, .scale(scale))
    self.alignsCorners = alignsCorners
  }

  /// The same scale on every axis.
  public init(_ interpolation: Interpolation, scale: Double, alignsCorners: Bool = false) {
    self.init(interpolation, scale: [scale], alignsCorners: alignsCorners)
  }

  /// The size that comes out for maps of `size`.
  ///
  /// - Throws: `ConvolutionError` for sizes that make no sense. A call ends the program with the
  ///   same line; ask here first where sizes come from outside.
  public func outputSize(_ size: [Int]) throws(ConvolutionError) -> [Int] {
    let count: Int
    switch target {
    case .size(let sizes): count = sizes.count
    case .scale(let scales): count = scales.count
    }
    guard (1...3).contains(size.count), count == 1 || count == size.count else {
      throw ConvolutionError(
        "up-sampling of size \(size) to \(target): 1 to 3 axes, and one number for each or one for "
          + "all expected")
    }
    guard !alignsCorners || interpolation != .nearest else {
      throw ConvolutionError("up-sampling by nearest positions has no corners to align")
    }
    var result: [Int] = []
    for axis in size.indices {
      let length: Double
      switch target {
      case .size(let sizes): length = Double(sizes.onAxis(axis))
      case .scale(let scales): length = (Double(size[axis]) * scales.onAxis(axis)).rounded(.down)
      }
      guard size[axis] > 0, length >= 1, length <= Double(Int32.max) else {
        throw ConvolutionError(
          "up-sampling of size \(size) to \(target): at least 1 position on every axis expected")
      }
      result.append(Int(length))
    }
    return result
  }

  private func rows(_ size: [Int]) throws(ConvolutionError) -> RowMap {
    let output = try outputSize(size)
    return RowMap(
      size.indices.map { axis in
        var step: Double?
        if case .scale(let scales) = target { step = 1 / scales.onAxis(axis) }
        return interpolation.axis(
          inputs: size[axis], outputs: output[axis], step: step, alignsCorners: alignsCorners)
      })
  }

  public func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    x.resized("Upsampling", rows) { $0.combinedRows($1, batch: x.batch) }
  }

  /// The same of a tensor [batch, channel, size…].
  public func callAsFunction(_ x: Tensor) -> Tensor { self(FeatureMaps(x)).tensor }
}

extension Upsampling.Target: CustomStringConvertible {
  public var description: String {
    switch self {
    case .size(let size): "\(size)"
    case .scale(let scale): "\(scale) times"
    }
  }
}
