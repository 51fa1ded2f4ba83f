import ReelLayers
import ReelTensor

struct TableConvolution2D: Module {
  init(
    connections: [[Bool]], kernel: [Int], initialization: Initialization,
    using generator: inout RandomGenerator
  ) throws(ConvolutionError) {}
  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {}
  func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    preconditionFailure("\(Self.self) is about to come")
  }
}

struct SubsamplingLayer: Module {
  init(_ channels: Int, window: [Int]) {}
  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {}
  func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    preconditionFailure("\(Self.self) is about to come")
  }
}

struct LocalResponseNorm {
  init(size: Int, alpha: Float, beta: Float, k: Float) {}
  func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    preconditionFailure("\(Self.self) is about to come")
  }
}

enum UpsamplingMethod { case nearest, bilinear, bicubic }
struct Upsampling {
  init(_ method: UpsamplingMethod, scale: Int) {}
  func callAsFunction(_ x: FeatureMaps) -> FeatureMaps {
    preconditionFailure("\(Self.self) is about to come")
  }
}

extension Interpolation {
  var method: UpsamplingMethod {
    switch self {
    case .nearest: .nearest
    case .bilinear: .bilinear
    case .bicubic: .bicubic
    }
  }
}

extension FeatureMaps {
  func cropped(from: [Int], to size: [Int]) -> FeatureMaps {
    var t = tensor
    for axis in 0..<2 { t = t.slice(from[axis]..<from[axis] + size[axis], axis: 2 + axis) }
    return FeatureMaps(t)
  }
  func centerCropped(to size: [Int]) -> FeatureMaps {
    cropped(from: zip(self.size, size).map { ($0 - $1) / 2 }, to: size)
  }
  func padded(_ p: [AxisPadding]) -> FeatureMaps {
    var t = tensor
    for axis in 0..<2 {
      var a = t.shape
      a[2 + axis] = p[axis].before
      var b = t.shape
      b[2 + axis] = p[axis].after
      t = .concatenated([Tensor(zeros: a), t, Tensor(zeros: b)], axis: 2 + axis)
    }
    return FeatureMaps(t)
  }
}
