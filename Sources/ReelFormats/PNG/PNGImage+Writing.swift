import CPNG

extension PNGImage {
  /// The bytes of a PNG file; equal images give equal bytes with one version of libpng.
  public func encoded() -> [UInt8] {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    (image.width, image.height, image.format) = (UInt32(width), UInt32(height), channels.format)
    defer { png_image_free(&image) }
    // Deflate stores what it cannot pack, with a few bytes for each block and chunk.
    let raw = bytes.count + height
    var size = raw + raw / 128 + 65_536
    let file = [UInt8](unsafeUninitializedCapacity: size) { target, count in
      let worked = png_image_write_to_memory(
        &image, target.baseAddress, &size, 0, bytes, 0, nil)
      precondition(worked != 0, "PNGImage: libpng cannot write (\(Self.message(of: image)))")
      count = size
    }
    return file
  }

  /// Writes a PNG file, in one step that cannot leave half of it.
  ///
  /// - Throws: `FileError`.
  public func write(to path: String) throws {
    try AtomicFile.write(encoded(), to: path)
  }
}
