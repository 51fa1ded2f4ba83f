import Foundation
import ReelTraining

/// A change of one image: mirrored, turned, scaled and shifted about its centre, cut or padded to a
/// window, and then lighter or darker.
///
/// With c the centre of the image, w that of the window, F the mirroring and R the turn, a point p of
/// the image comes to w + shift + scale · R · F · (p − c) of the window. A pixel that comes from
/// outside the image is black, and does not count in a mask.
public struct ImageTransform: Sendable, Hashable {
  /// Left and right change places.
  public var mirrorsColumns = false
  /// Top and bottom change places.
  public var mirrorsRows = false
  /// Degrees, clockwise.
  public var rotation: Float = 0
  /// Above 1: larger.
  public var scale: Float = 1
  /// Pixels to the right.
  public var shiftX: Float = 0
  /// Pixels down.
  public var shiftY: Float = 0
  /// What samples of 0…1 are multiplied by, with 0.5 as the centre that stays.
  public var contrast: Float = 1
  /// What is added to samples of 0…1.
  public var brightness: Float = 0
  /// A square of the window that becomes the mean of all images: its corner and its side.
  public var erased: ErasedSquare?

  /// A square of pixels.
  public struct ErasedSquare: Sendable, Hashable {
    public var row: Int
    public var column: Int
    public var size: Int

    public init(row: Int, column: Int, size: Int) {
      (self.row, self.column, self.size) = (row, column, size)
    }
  }

  /// Nothing changes, except for the size.
  public init() {}

  var keepsGrid: Bool {
    rotation == 0 && scale == 1 && shiftX == shiftX.rounded() && shiftY == shiftY.rounded()
  }
  var keepsLight: Bool { contrast == 1 && brightness == 0 }
}

/// From the pixels of a window back to those of the image: x' = a·x + b·y + e, y' = c·x + d·y + f, of
/// the centres of pixels counted from 0.
struct PixelMap: Sendable {
  let a: Float, b: Float, c: Float, d: Float, e: Float, f: Float

  /// - Parameters:
  ///   - image: height and width of the image.
  ///   - window: height and width of what comes out.
  init(_ transform: ImageTransform, image: (Int, Int), window: (Int, Int)) {
    // The middle of a window that is odd where the image is even lies half a pixel off: the grid
    // stays, and the difference is cut at the right and at the bottom.
    func start(_ image: Int, _ window: Int) -> Float {
      ((Float(image - window)) / 2).rounded(.down)
    }
    let (centerX, centerY) = (Float(window.1 - 1) / 2, Float(window.0 - 1) / 2)
    let angle = transform.rotation * .pi / 180
    let (cosine, sine) = (cos(angle) / transform.scale, sin(angle) / transform.scale)
    let (flipX, flipY): (Float, Float) = (
      transform.mirrorsColumns ? -1 : 1, transform.mirrorsRows ? -1 : 1
    )
    (a, b, c, d) = (flipX * cosine, flipX * sine, -flipY * sine, flipY * cosine)
    let (x, y) = (centerX + transform.shiftX, centerY + transform.shiftY)
    e = centerX + start(image.1, window.1) - a * x - b * y
    f = centerY + start(image.0, window.0) - c * x - d * y
  }
}

extension ImageTransform {
  /// Where a rectangle of the image comes to lie in the window: what holds its corners.
  public func box(
    _ box: BoundingBox, image: (height: Int, width: Int), window: (height: Int, width: Int)
  ) -> BoundingBox {
    let map = PixelMap(self, image: image, window: window)
    let determinant = map.a * map.d - map.b * map.c
    let corners = [
      (box.left, box.top), (box.right, box.top), (box.left, box.bottom), (box.right, box.bottom),
    ].map { x, y in
      // Edges of pixels lie half a pixel before their centres.
      let (u, v) = (x - 0.5 - map.e, y - 0.5 - map.f)
      return (
        x: (map.d * u - map.b * v) / determinant + 0.5,
        y: (map.a * v - map.c * u) / determinant + 0.5
      )
    }
    let (xs, ys) = (corners.map(\.x), corners.map(\.y))
    return BoundingBox(
      left: xs.min() ?? 0, top: ys.min() ?? 0, right: xs.max() ?? 0, bottom: ys.max() ?? 0
    ).clipped(
      to: BoundingBox(left: 0, top: 0, right: Float(window.width), bottom: Float(window.height)))
  }

  /// What becomes of a mask: of each pixel of the window, the class of the nearest one of the image;
  /// 255 where it comes from outside.
  public func mask(
    _ mask: [UInt8], image: (height: Int, width: Int), window: (height: Int, width: Int)
  ) -> [UInt8] {
    precondition(
      mask.count == image.height * image.width,
      "ImageTransform: a mask of \(mask.count) pixels for \(image.height) by \(image.width)")
    let map = PixelMap(self, image: image, window: window)
    var result = [UInt8](repeating: 255, count: window.height * window.width)
    for row in 0..<window.height {
      for column in 0..<window.width {
        let x = (map.a * Float(column) + map.b * Float(row) + map.e).rounded()
        let y = (map.c * Float(column) + map.d * Float(row) + map.f).rounded()
        guard x >= 0, y >= 0, x < Float(image.width), y < Float(image.height) else { continue }
        result[row * window.width + column] = mask[Int(y) * image.width + Int(x)]
      }
    }
    return result
  }
}
