import Foundation
import ReelTensor

/// A wave under a bell: what cells of the primary visual cortex respond to, and what the first layer
/// of a trained convolutional network looks like (Gabor 1946; Daugman 1985).
///
/// With x' = x·cos θ + y·sin θ and y' = y·cos θ − x·sin θ about the centre:
///
///     g(x, y) = exp(−(x'² + γ²·y'²) / (2σ²)) · cos(2π·x'/λ + φ)
public struct GaborFunction: Sendable, Hashable {
  /// θ, radians: across which direction the wave runs.
  public var orientation: Double
  /// λ, pixels.
  public var wavelength: Double
  /// φ, radians.
  public var phase: Double
  /// σ of the bell, pixels.
  public var deviation: Double
  /// γ: below 1 the bell is longer along the wave's ridges.
  public var aspect: Double
  /// The centre, in pixels from the middle of the kernel.
  public var centerX: Double
  public var centerY: Double

  public init(
    orientation: Double, wavelength: Double, phase: Double = 0, deviation: Double,
    aspect: Double = 0.7, centerX: Double = 0, centerY: Double = 0
  ) {
    self.orientation = orientation
    self.wavelength = wavelength
    self.phase = phase
    self.deviation = deviation
    self.aspect = aspect
    self.centerX = centerX
    self.centerY = centerY
  }

  /// Its values over the pixels of a kernel, [height, width].
  public func kernel(height: Int, width: Int) -> Tensor {
    Tensor(shape: [height, width], values: values(height, width).map { Float($0) })
  }

  private func values(_ height: Int, _ width: Int) -> [Double] {
    (0..<height * width).map { place in
      let x = Double(place % width) - Double(width - 1) / 2 - centerX
      let y = Double(place / width) - Double(height - 1) / 2 - centerY
      let along = x * cos(orientation) + y * sin(orientation)
      let across = y * cos(orientation) - x * sin(orientation)
      let bell = exp(
        -(along * along + aspect * aspect * across * across) / (2 * deviation * deviation))
      return bell * cos(2 * .pi * along / wavelength + phase)
    }
  }

  /// The function that is most like a kernel [height, width], and how like it is: the correlation of
  /// the two without their means, 0…1. Orientation, wavelength, deviation and centre are tried on a
  /// grid; the phase follows from the two waves a quarter apart.
  public static func fitting(_ kernel: Tensor) -> (function: GaborFunction, correlation: Double) {
    precondition(
      kernel.rank == 2 && kernel.count > 1,
      "GaborFunction: shape \(kernel.shape) came, [height, width] is expected")
    let (height, width) = (kernel.shape[0], kernel.shape[1])
    let size = Double(min(height, width))
    let target = centred(kernel.values.map { Double($0) })
    let candidates = grid(size: size)
    let fits = Threads.map(candidates.count) { index -> (phase: Double, correlation: Double) in
      var function = candidates[index]
      // cos(wave + φ) = cos φ·cos(wave) − sin φ·sin(wave): least squares over the two.
      let even = centred(function.values(height, width))
      function.phase = -.pi / 2
      let odd = centred(function.values(height, width))
      let (ee, eo, oo) = (dot(even, even), dot(even, odd), dot(odd, odd))
      let (et, ot) = (dot(even, target), dot(odd, target))
      let determinant = ee * oo - eo * eo
      guard determinant > 1e-9 * ee * oo else { return (0, 0) }
      let a = (et * oo - ot * eo) / determinant
      let b = (ot * ee - et * eo) / determinant
      let explained = a * et + b * ot
      return (atan2(-b, a), (max(0, explained) / max(dot(target, target), 1e-30)).squareRoot())
    }
    var best = 0
    for index in fits.indices where fits[index].correlation > fits[best].correlation {
      best = index
    }
    var function = candidates[best]
    function.phase = fits[best].phase
    return (function, fits[best].correlation)
  }

  private static func grid(size: Double) -> [GaborFunction] {
    let (wavelengths, deviations) = ([0.35, 0.5, 0.75, 1, 1.5], [0.15, 0.22, 0.32])
    let places = [-0.2, 0, 0.2]
    var functions: [GaborFunction] = []
    for turn in 0..<12 {
      for wavelength in wavelengths {
        for deviation in deviations {
          for x in places {
            for y in places {
              functions.append(
                GaborFunction(
                  orientation: Double(turn) * .pi / 12, wavelength: wavelength * size,
                  deviation: deviation * size, centerX: x * size, centerY: y * size))
            }
          }
        }
      }
    }
    return functions
  }

  private static func centred(_ values: [Double]) -> [Double] {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.map { $0 - mean }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
