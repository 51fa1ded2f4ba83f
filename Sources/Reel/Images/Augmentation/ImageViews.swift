/// The forms of an image that a prediction is averaged over (Krizhevsky, Sutskever and Hinton 2012
/// took four corners, the centre, and their mirror images).
public struct ImageViews: Codable, Sendable, Hashable {
  /// Mirrored too: twice as many views.
  public var mirrors: Bool
  /// Five windows of the image padded by as many pixels, at its corners and in its middle; nil: the
  /// one in the middle. 0 where images are larger than what the network sees.
  public var corners: Int?

  public init(mirrors: Bool = false, corners: Int? = nil) {
    (self.mirrors, self.corners) = (mirrors, corners)
  }

  /// The image as it is.
  public static let one = ImageViews()

  /// - Throws: `ConfigurationError` for a padding out of range.
  public func validate() throws {
    if let corners { try ConfigurationError.check("corners", corners, in: 0...4096) }
  }

  /// The transform that makes each view, the plain one first.
  public func transforms(image: ImageShape, window: ImageShape) -> [ImageTransform] {
    var shifts: [(x: Float, y: Float)] = [(0, 0)]
    if let corners {
      func ends(_ image: Int, _ window: Int) -> [Float] {
        let spare = image - window + 2 * corners
        let middle = corners + Int((Double(image - window) / 2).rounded(.down))
        return spare > 0 ? [Float(middle), Float(middle - spare)] : [0]
      }
      for y in ends(image.height, window.height) {
        for x in ends(image.width, window.width) where (x, y) != (0, 0) { shifts.append((x, y)) }
      }
    }
    return shifts.flatMap { shift in
      (mirrors ? [false, true] : [false]).map { isMirrored in
        var transform = ImageTransform()
        (transform.shiftX, transform.shiftY) = (shift.x, shift.y)
        transform.mirrorsColumns = isMirrored
        return transform
      }
    }
  }
}
