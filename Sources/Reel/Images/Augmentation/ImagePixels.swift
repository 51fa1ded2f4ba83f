import ReelTensor

/// Turns the bytes of images into the numbers that a network sees.
///
/// ```swift
/// let reader = ImagePixels(
///   image: set.shape, window: set.shape, normalization: set.normalization)
/// let batch = reader.tensor(set.examples.prefix(64).map(\.pixels))  // [64, channel, height, width]
/// ```
public struct ImagePixels: Sendable {
  /// Of the images that come.
  public let image: ImageShape
  /// Of what the network sees: the middle of larger images; smaller ones are padded by black.
  public let window: ImageShape
  public let normalization: ImageNormalization
  /// What each byte of each channel becomes, 256 numbers a channel.
  private let table: [Float]

  public init(image: ImageShape, window: ImageShape, normalization: ImageNormalization) {
    precondition(
      image.channels == window.channels && normalization.mean.count == image.channels,
      "ImagePixels: images of \(image), a window of \(window) and \(normalization.mean.count) means"
    )
    (self.image, self.window, self.normalization) = (image, window, normalization)
    table = Self.table(normalization, channels: image.channels, ImageTransform())
  }

  private static func table(
    _ normalization: ImageNormalization, channels: Int, _ transform: ImageTransform
  ) -> [Float] {
    (0..<channels).flatMap { channel in
      (0...255).map { byte in
        guard !transform.keepsLight else { return normalization.value(byte, channel: channel) }
        let light = (Float(byte) / 255 - 0.5) * transform.contrast + 0.5 + transform.brightness
        let (mean, deviation) = (
          normalization.mean[channel], normalization.deviation[channel]
        )
        return (min(1, max(0, light)) - mean) / deviation
      }
    }
  }

  /// A batch, [batch, channel, height, width]; each image changed as its transform says.
  ///
  /// - Parameter transforms: one for each image; nil: images are only cut or padded to the window.
  public func tensor(_ images: [[UInt8]], _ transforms: [ImageTransform]? = nil) -> Tensor {
    precondition(
      transforms.map { $0.count == images.count } ?? true,
      "ImagePixels: \(transforms?.count ?? 0) transforms for \(images.count) images")
    for pixels in images {
      precondition(
        pixels.count == image.count,
        "ImagePixels: an image of \(pixels.count) samples, \(image) are expected")
    }
    return Tensor.build(shape: [images.count] + window.axes) { values in
      let target = Shared(values)
      Threads.forEach(images.count) { index in
        let transform = transforms?[index] ?? ImageTransform()
        let part = UnsafeMutableBufferPointer(
          rebasing: target.pointer[index * window.count..<(index + 1) * window.count])
        fill(part, images[index], transform)
      }
    }
  }

  private func fill(
    _ target: UnsafeMutableBufferPointer<Float>, _ pixels: [UInt8], _ transform: ImageTransform
  ) {
    let own =
      transform.keepsLight
      ? table : Self.table(normalization, channels: image.channels, transform)
    let map = PixelMap(
      transform, image: (image.height, image.width), window: (window.height, window.width))
    pixels.withUnsafeBufferPointer { pixels in
      own.withUnsafeBufferPointer { table in
        for channel in 0..<image.channels {
          let source = UnsafeBufferPointer(
            rebasing: pixels[channel * image.positions..<(channel + 1) * image.positions])
          let levels = UnsafeBufferPointer(rebasing: table[256 * channel..<256 * (channel + 1)])
          let plane = UnsafeMutableBufferPointer(
            rebasing: target[channel * window.positions..<(channel + 1) * window.positions])
          if transform.keepsGrid {
            copy(source, levels, map, to: plane)
          } else {
            interpolate(source, levels, map, to: plane)
          }
          if let erased = transform.erased { erase(erased, plane) }
        }
      }
    }
  }

  /// The grid of pixels stays: rows and columns move, and may be turned round.
  private func copy(
    _ source: UnsafeBufferPointer<UInt8>, _ levels: UnsafeBufferPointer<Float>, _ map: PixelMap,
    to plane: UnsafeMutableBufferPointer<Float>
  ) {
    let black = levels[0]
    let (step, first) = (Int(map.a), Int(map.e.rounded()))
    for row in 0..<window.height {
      let line = row * window.width
      let from = Int(map.d) * row + Int(map.f.rounded())
      guard from >= 0, from < image.height else {
        for column in 0..<window.width { plane[line + column] = black }
        continue
      }
      for column in 0..<window.width {
        let place = step * column + first
        plane[line + column] =
          place >= 0 && place < image.width
          ? levels[Int(source[from * image.width + place])] : black
      }
    }
  }

  /// Bilinear interpolation between the four nearest pixels.
  private func interpolate(
    _ source: UnsafeBufferPointer<UInt8>, _ levels: UnsafeBufferPointer<Float>, _ map: PixelMap,
    to plane: UnsafeMutableBufferPointer<Float>
  ) {
    let black = levels[0]
    let (height, width) = (image.height, image.width)
    func level(_ row: Int, _ column: Int) -> Float {
      row >= 0 && row < height && column >= 0 && column < width
        ? levels[Int(source[row * width + column])] : black
    }
    for row in 0..<window.height {
      for column in 0..<window.width {
        let x = map.a * Float(column) + map.b * Float(row) + map.e
        let y = map.c * Float(column) + map.d * Float(row) + map.f
        guard x > -1, y > -1, x < Float(width), y < Float(height) else {
          plane[row * window.width + column] = black
          continue
        }
        let (left, top) = (x.rounded(.down), y.rounded(.down))
        let (i, j) = (Int(top), Int(left))
        let (u, v) = (x - left, y - top)
        let upper = level(i, j) * (1 - u) + level(i, j + 1) * u
        let lower = level(i + 1, j) * (1 - u) + level(i + 1, j + 1) * u
        plane[row * window.width + column] = upper * (1 - v) + lower * v
      }
    }
  }

  /// The mean of all images is 0 after the normalization.
  private func erase(
    _ square: ImageTransform.ErasedSquare, _ plane: UnsafeMutableBufferPointer<Float>
  ) {
    for row in max(0, square.row)..<max(0, min(window.height, square.row + square.size)) {
      for column in max(0, square.column)..<max(0, min(window.width, square.column + square.size)) {
        plane[row * window.width + column] = 0
      }
    }
  }
}
