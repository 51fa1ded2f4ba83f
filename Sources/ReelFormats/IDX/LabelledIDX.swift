/// Images of bytes with a label each, from two IDX files: MNIST, and what has its format.
package struct LabelledIDX: Sendable {
  package let height: Int
  package let width: Int
  /// `height·width` samples of each image, 0…255.
  package let pixels: [UInt8]
  package let labels: [UInt8]

  /// Reads files of bytes, packed by gzip or not.
  ///
  /// - Throws: `FileError` or `FormatError`, one line: no IDX file or one cut short, other axes or
  ///   elements than [count, height, width] and [count] of bytes, images without pixels, or images
  ///   and labels of different number.
  package init(images: String, labels: String) throws {
    let image = try Self.bytes(images, axes: ["count", "height", "width"])
    let label = try Self.bytes(labels, axes: ["count"])
    guard image.shape[1] > 0, image.shape[2] > 0 else {
      throw FormatError(
        path: images, came: "images of \(image.shape[1]) by \(image.shape[2])",
        expected: "at least 1 pixel")
    }
    guard label.shape[0] == image.shape[0] else {
      throw FormatError(
        path: labels, came: "\(label.shape[0]) labels",
        expected: "\(image.shape[0]), one for each image of \(images)")
    }
    (height, width) = (image.shape[1], image.shape[2])
    (pixels, self.labels) = (image.bytes, label.bytes)
  }

  private static func bytes(_ path: String, axes: [String]) throws -> IDXArray {
    let array = try IDXArray(path: path)
    guard array.element == .unsignedByte, array.shape.count == axes.count else {
      throw FormatError(
        path: path, came: "shape \(array.shape) of elements of type \(array.element.rawValue)",
        expected: "[\(axes.joined(separator: ", "))] of type 8, bytes")
    }
    return array
  }
}
