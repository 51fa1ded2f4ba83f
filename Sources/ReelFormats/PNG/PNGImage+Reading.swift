import CPNG

extension PNGImage {
  /// The most pixels that are read unless a caller says otherwise: 8,192 by 8,192.
  public static let standardLimit = 1 << 26

  /// Reads a PNG file: 1 to 16 bits a sample, grey, colour or palette, interlaced or not.
  ///
  /// 16-bit samples are rounded to 8 bits; colours become sRGB where the file says that they are
  /// something else.
  ///
  /// - Parameters:
  ///   - channels: what the samples shall be: colours become grey by their luminance, grey becomes
  ///     colours, and transparent pixels are laid on white where alpha is not asked for. nil: grey or
  ///     colour as the file is, without alpha.
  ///   - maximumPixels: a larger image is refused before memory is asked for.
  /// - Throws: `FileError` where the file cannot be read, `FormatError` where it is no whole PNG file
  ///   or the image is too large.
  public init(
    path: String, channels: Channels? = nil, maximumPixels: Int = PNGImage.standardLimit
  ) throws {
    let file = try InputFile(path)
    try self.init(
      file.bytes(at: 0, count: file.size), name: path, channels: channels,
      maximumPixels: maximumPixels)
  }

  /// Reads the bytes of a PNG file.
  ///
  /// - Parameter name: what an error calls them.
  public init(
    _ file: [UInt8], name: String, channels: Channels? = nil,
    maximumPixels: Int = PNGImage.standardLimit
  ) throws {
    let decoded = try Self.decode(file, name: name, maximumPixels: maximumPixels) { format in
      let own: Channels = format & UInt32(PNG_FORMAT_FLAG_COLOR) == 0 ? .grey : .rgb
      return (channels ?? own).format
    }
    self.init(
      width: decoded.width, height: decoded.height, channels: decoded.channels,
      bytes: decoded.bytes)
  }

  /// Reads a PNG file whose samples are numbers of classes, not colours: the indices into the palette
  /// of a file that has one, and else its grey samples as they stand.
  ///
  /// - Returns: an image of one channel.
  /// - Throws: as the reader of images, and `FormatError` for a file that has colours and no palette.
  public static func labels(
    path: String, maximumPixels: Int = PNGImage.standardLimit
  ) throws -> PNGImage {
    let file = try InputFile(path)
    let bytes = try file.bytes(at: 0, count: file.size)
    let decoded = try decode(bytes, name: path, maximumPixels: maximumPixels) { format in
      if format & UInt32(PNG_FORMAT_FLAG_COLORMAP) != 0 {
        return UInt32(PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_COLORMAP)
      }
      guard format & UInt32(PNG_FORMAT_FLAG_COLOR) == 0 else {
        throw FormatError(
          path: path, came: "an image in colour",
          expected: "grey samples or a palette, whose numbers are the classes")
      }
      return Channels.grey.format
    }
    return PNGImage(
      width: decoded.width, height: decoded.height, channels: .grey, bytes: decoded.bytes)
  }

  /// libpng's simplified interface, which reports an error by a message and no jump.
  private static func decode(
    _ file: [UInt8], name: String, maximumPixels: Int, _ format: (UInt32) throws -> UInt32
  ) throws -> (width: Int, height: Int, channels: Channels, bytes: [UInt8]) {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    return try file.withUnsafeBytes { source in
      // libpng takes no address of nothing for a mistake of the program.
      guard source.count > 0,
        png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0
      else { throw broken(image, file.count, name) }
      let (width, height) = (Int(image.width), Int(image.height))
      let (pixels, overflows) = width.multipliedReportingOverflow(by: height)
      guard !overflows, pixels <= maximumPixels else {
        throw FormatError(
          path: name, came: "an image of \(height) by \(width)",
          expected: "at most \(maximumPixels) pixels")
      }
      // A pixel takes at least one bit, and deflate makes at most 1,032 bytes of one: what says more
      // of itself than it can hold gets no memory.
      guard pixels / 8 / 1032 <= file.count else {
        throw FormatError(
          path: name, came: "\(file.count) bytes for an image of \(height) by \(width)",
          expected: "a whole PNG file")
      }
      image.format = try format(image.format)
      // Without a note on gamma, 16-bit samples would count as linear light.
      image.flags |= UInt32(PNG_IMAGE_FLAG_16BIT_sRGB)
      let isIndexed = image.format & UInt32(PNG_FORMAT_FLAG_COLORMAP) != 0
      let channels = isIndexed ? .grey : Channels(format: image.format)
      var white = png_color(red: 255, green: 255, blue: 255)
      var palette = [UInt8](repeating: 0, count: 3 * 256)
      let bytes = try [UInt8](unsafeUninitializedCapacity: pixels * channels.count) {
        target, count in
        // 0 for the stride: rows from the top without gaps.
        guard png_image_finish_read(&image, &white, target.baseAddress, 0, &palette) != 0 else {
          throw broken(image, file.count, name)
        }
        count = pixels * channels.count
      }
      return (width, height, channels, bytes)
    }
  }

  private static func broken(_ image: png_image, _ size: Int, _ name: String) -> FormatError {
    let message = message(of: image)
    return FormatError(
      path: name,
      came: "\(size) bytes that libpng cannot read\(message.isEmpty ? "" : " (\(message))")",
      expected: "a whole PNG file")
  }

  static func message(of image: png_image) -> String {
    withUnsafeBytes(of: image.message) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

extension PNGImage.Channels {
  /// The samples as libpng names them.
  var format: UInt32 {
    let color = UInt32(PNG_FORMAT_FLAG_COLOR)
    let alpha = UInt32(PNG_FORMAT_FLAG_ALPHA)
    return switch self {
    case .grey: 0
    case .greyAlpha: alpha
    case .rgb: color
    case .rgba: color | alpha
    }
  }

  init(format: UInt32) {
    let hasColor = format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0
    let hasAlpha = format & UInt32(PNG_FORMAT_FLAG_ALPHA) != 0
    self = hasColor ? (hasAlpha ? .rgba : .rgb) : (hasAlpha ? .greyAlpha : .grey)
  }
}
