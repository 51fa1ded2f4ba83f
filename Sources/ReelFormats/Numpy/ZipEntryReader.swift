import CZlib

/// Delivers the bytes of one zip entry front to back, inflated, and checks their checksum.
///
/// Stored bytes go from the file to where they are wanted; deflated ones through a small buffer.
final class ZipEntryReader {
  private let file: InputFile
  private let entry: ZipDirectory.Entry
  /// Offset in the file of the compressed bytes to come, and their number.
  private var position: Int
  private var compressedRest: Int
  /// Inflated bytes that were not delivered yet.
  private(set) var rest: Int
  private var checksum: UInt32 = 0
  private let stream: UnsafeMutablePointer<z_stream>?
  private var isFinished = false
  private let input: UnsafeMutableRawBufferPointer

  private static let bufferSize = 1 << 16

  init(_ entry: ZipDirectory.Entry, in file: InputFile) throws {
    self.file = file
    self.entry = entry
    position = entry.dataStart
    compressedRest = entry.compressedSize
    rest = entry.size
    input = .allocate(byteCount: entry.isDeflated ? Self.bufferSize : 0, alignment: 16)
    guard entry.isDeflated else {
      stream = nil
      return
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    self.stream = stream
    // Negative: raw deflate data, without zlib's own header.
    let status = inflateInit2_(
      stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw problem("zlib's inflateInit2 gave \(status)", "\(Z_OK)") }
  }

  deinit {
    if let stream {
      inflateEnd(stream)
      stream.deallocate()
    }
    input.deallocate()
  }

  func problem(_ came: String, _ expected: String) -> FormatError {
    FormatError(
      path: file.path, came: "entry \(entry.name.quoted): \(came)", expected: expected)
  }

  func read(into target: UnsafeMutableRawBufferPointer) throws {
    guard target.count <= rest else {
      throw problem("the entry ends after \(entry.size) bytes", "\(target.count - rest) more")
    }
    if stream != nil {
      try inflate(into: target)
    } else {
      try file.read(at: position, into: target)
      position += target.count
    }
    rest -= target.count
    checksum = UnsafeRawBufferPointer(target).checksum(after: checksum)
  }

  func bytes(_ count: Int) throws -> [UInt8] {
    // Before memory is asked for.
    guard count <= rest else {
      throw problem("the entry ends after \(entry.size) bytes", "\(count - rest) more")
    }
    return try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(into: UnsafeMutableRawBufferPointer(buffer))
      initialized = count
    }
  }

  /// To be called after the last byte.
  func finish() throws {
    guard rest == 0 else { throw problem("\(rest) bytes after the values", "none") }
    if let stream {
      var none: UInt8 = 0
      try withUnsafeMutablePointer(to: &none) { none in
        while !isFinished {
          stream.pointee.next_out = none
          stream.pointee.avail_out = 1
          try inflateMore()
          guard stream.pointee.avail_out == 1 else {
            throw problem("more than \(entry.size) inflated bytes", "\(entry.size)")
          }
        }
      }
      let left = compressedRest + Int(stream.pointee.avail_in)
      guard left == 0 else { throw problem("\(left) bytes after the deflated data", "none") }
    }
    guard checksum == entry.checksum else {
      throw problem(
        "CRC-32 \(String(checksum, radix: 16))",
        "\(String(entry.checksum, radix: 16)), the data is damaged")
    }
  }

  private func inflate(into target: UnsafeMutableRawBufferPointer) throws {
    guard let stream else { return }
    var done = 0
    while done < target.count {
      // zlib counts in 32 bits.
      let count = min(target.count - done, 1 << 30)
      stream.pointee.next_out = target.baseAddress?.advanced(by: done)
        .assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_out = uInt(count)
      guard !isFinished else {
        throw problem("the deflated data ends early", "\(entry.size) inflated bytes")
      }
      try inflateMore()
      done += count - Int(stream.pointee.avail_out)
    }
  }

  /// One call of zlib's `inflate`, after a refill of the input if it is empty.
  private func inflateMore() throws {
    guard let stream else { return }
    if stream.pointee.avail_in == 0 {
      let count = min(compressedRest, Self.bufferSize)
      guard count > 0 else {
        throw problem("the deflated data is cut short", "\(entry.size) inflated bytes")
      }
      try file.read(at: position, into: UnsafeMutableRawBufferPointer(rebasing: input[..<count]))
      position += count
      compressedRest -= count
      stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_in = uInt(count)
    }
    let status = CZlib.inflate(stream, Z_NO_FLUSH)
    isFinished = status == Z_STREAM_END
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
      let reason = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
      throw problem("the deflated data is damaged (\(reason))", "deflated data")
    }
  }
}

extension UnsafeRawBufferPointer {
  /// CRC-32 of bytes that follow others with the checksum `previous` (0 if there are none).
  func checksum(after previous: UInt32 = 0) -> UInt32 {
    guard let baseAddress, count > 0 else { return previous }
    let start = baseAddress.assumingMemoryBound(to: Bytef.self)
    return UInt32(truncatingIfNeeded: crc32_z(uLong(previous), start, count))
  }
}
