import Foundation
import ReelTensor

/// How images are changed at random in training, so that a network sees each in many forms.
///
/// ```swift
/// var augmentation = ImageAugmentation()
/// augmentation.shift = 4              // as padding by 4 pixels and cutting a random window
/// augmentation.mirrorsColumns = true  // every second time
/// ```
///
/// All of it is off at first. What is drawn depends on the generator alone.
public struct ImageAugmentation: Codable, Sendable, Hashable {
  /// Left and right change places every second time.
  public var mirrorsColumns = false
  /// Top and bottom change places every second time.
  public var mirrorsRows = false
  /// The window moves by a whole number of pixels up to this, in both directions (a crop at random of
  /// an image padded by as much).
  public var shift = 0
  /// Where images are larger than what the network sees: a window anywhere in the image, and not the
  /// one in the middle.
  public var crops = false
  /// The size changes by a factor from 1 / (1 + scaling) to 1 + scaling.
  public var scaling: Float = 0
  /// The image turns by up to as many degrees, either way.
  public var rotation: Float = 0
  /// Up to as much is added to samples of 0…1, or taken from them.
  public var brightness: Float = 0
  /// Samples are stretched about 0.5 by a factor from 1 − contrast to 1 + contrast.
  public var contrast: Float = 0
  /// The side of a square, at a random place, that becomes the mean of all images ("cutout", DeVries
  /// and Taylor 2017); 0: none.
  public var erasing = 0

  /// No change at all.
  public init() {}

  /// Whether nothing changes.
  public var isOff: Bool { self == ImageAugmentation() }

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try ConfigurationError.check("shift", shift, in: 0...4096)
    try ConfigurationError.check("erasing", erasing, in: 0...4096)
    try ConfigurationError.check("scaling", scaling, "a number of 0 to 4") { 0...4 ~= $0 }
    try ConfigurationError.check("rotation", rotation, "a number of 0 to 180") { 0...180 ~= $0 }
    try ConfigurationError.check("brightness", brightness, "a number of 0 to 1") { 0...1 ~= $0 }
    try ConfigurationError.check("contrast", contrast, "a number of 0 to 1") { 0...1 ~= $0 }
  }

  /// A change of one image.
  public func transform(
    image: ImageShape, window: ImageShape, using generator: inout RandomGenerator
  ) -> ImageTransform {
    var transform = ImageTransform()
    func amount(_ limit: Float) -> Float { limit * (2 * generator.uniform() - 1) }
    if mirrorsColumns { transform.mirrorsColumns = generator.uniform() < 0.5 }
    if mirrorsRows { transform.mirrorsRows = generator.uniform() < 0.5 }
    let spare =
      crops ? (max(0, image.height - window.height), max(0, image.width - window.width)) : (0, 0)
    if shift > 0 || spare.0 > 0 {
      transform.shiftY = Float(Self.offset(spare.0, shift, using: &generator))
    }
    if shift > 0 || spare.1 > 0 {
      transform.shiftX = Float(Self.offset(spare.1, shift, using: &generator))
    }
    if scaling > 0 { transform.scale = exp(amount(log(1 + scaling))) }
    if rotation > 0 { transform.rotation = amount(rotation) }
    if contrast > 0 { transform.contrast = 1 + amount(contrast) }
    if brightness > 0 { transform.brightness = amount(brightness) }
    if erasing > 0 {
      let row = Int.random(in: 0..<window.height, using: &generator) - erasing / 2
      let column = Int.random(in: 0..<window.width, using: &generator) - erasing / 2
      transform.erased = .init(row: row, column: column, size: erasing)
    }
    return transform
  }

  /// A shift of the window in the middle, such that it begins anywhere in an image with `spare`
  /// pixels more than the window, padded by `padding`.
  private static func offset(
    _ spare: Int, _ padding: Int, using generator: inout RandomGenerator
  ) -> Int {
    spare / 2 + padding - Int.random(in: 0...spare + 2 * padding, using: &generator)
  }
}
