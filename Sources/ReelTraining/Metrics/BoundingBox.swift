/// A rectangle in an image, its sides parallel to the image's: from left to right and from top to
/// bottom, in any unit (pixels, or shares of the image).
public struct BoundingBox: Codable, Sendable, Hashable {
  public var left: Float
  public var top: Float
  public var right: Float
  public var bottom: Float

  public init(left: Float, top: Float, right: Float, bottom: Float) {
    (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
  }

  /// From its centre and its size.
  public init(centerX: Float, centerY: Float, width: Float, height: Float) {
    self.init(
      left: centerX - width / 2, top: centerY - height / 2, right: centerX + width / 2,
      bottom: centerY + height / 2)
  }

  public var width: Float { right - left }
  public var height: Float { bottom - top }
  public var centerX: Float { (left + right) / 2 }
  public var centerY: Float { (top + bottom) / 2 }
  /// width · height; 0 where a side is turned round or no number.
  public var area: Float { width > 0 && height > 0 ? width * height : 0 }

  /// |A ∩ B| / |A ∪ B| of two rectangles (Jaccard 1912), 0…1; 0 where one is empty.
  public func intersectionOverUnion(_ other: BoundingBox) -> Float {
    guard area > 0, other.area > 0 else { return 0 }
    let common = BoundingBox(
      left: max(left, other.left), top: max(top, other.top), right: min(right, other.right),
      bottom: min(bottom, other.bottom)
    ).area
    return common / (area + other.area - common)
  }

  /// The part of it that lies in another rectangle.
  public func clipped(to bounds: BoundingBox) -> BoundingBox {
    func inside(_ value: Float, _ low: Float, _ high: Float) -> Float { min(max(value, low), high) }
    return BoundingBox(
      left: inside(left, bounds.left, bounds.right), top: inside(top, bounds.top, bounds.bottom),
      right: inside(right, bounds.left, bounds.right),
      bottom: inside(bottom, bounds.top, bounds.bottom))
  }

  /// Every coordinate times a factor: from shares to pixels, or back.
  public func scaled(x: Float, y: Float) -> BoundingBox {
    BoundingBox(left: left * x, top: top * y, right: right * x, bottom: bottom * y)
  }
}
