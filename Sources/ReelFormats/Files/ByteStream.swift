import CZlib

/// Delivers a file front to back, unpacked on the way where it is a gzip file (RFC 1952, one member
/// or several).
final class ByteStream {
  let path: String
  private let file: InputFile
  /// Offset of the next byte to read, packed or not.
  private var position = 0
  /// nil: the file is read as it is.
  private let stream: UnsafeMutablePointer<z_stream>?
  /// Packed bytes for `stream`.
  private let input: UnsafeMutableRawBufferPointer
  private var isAtMemberEnd = false

  private static let bufferSize = 1 << 16
  /// Deflate makes at most 1,032 bytes of one.
  private static let largestRatio = 1032

  init(_ path: String) throws {
    self.path = path
    file = try InputFile(path)
    let start = try file.bytes(at: 0, count: min(2, file.size))
    guard start == [0x1F, 0x8B] else {
      stream = nil
      input = .allocate(byteCount: 0, alignment: 16)
      return
    }
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    self.stream = stream
    input = .allocate(byteCount: Self.bufferSize, alignment: 16)
    // 16 more: a gzip header, whose checksum zlib verifies.
    let status = inflateInit2_(
      stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw problem("zlib's inflateInit2 gave \(status)", "\(Z_OK)") }
  }

  deinit {
    if let stream {
      inflateEnd(stream)
      stream.deallocate()
    }
    input.deallocate()
  }

  /// The most bytes that the whole file can hold; known before memory is asked for.
  var largestCount: Int {
    guard stream != nil else { return file.size }
    let (product, overflows) = file.size.multipliedReportingOverflow(by: Self.largestRatio)
    return overflows ? .max : product
  }

  private func problem(_ came: String, _ expected: String) -> FormatError {
    FormatError(path: path, came: came, expected: expected)
  }

  /// The next `count` bytes.
  ///
  /// - Parameter what: what they are, for the error where the file ends before.
  func bytes(_ count: Int, _ what: String) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let target = UnsafeMutableRawBufferPointer(buffer)
      let got = try fill(target)
      guard got == count else {
        throw problem("the file ends after \(got) bytes of \(what)", "\(count)")
      }
      initialized = count
    }
  }

  /// Throws unless everything has been delivered.
  func finish() throws {
    var more: UInt8 = 0
    let got = try withUnsafeMutableBytes(of: &more) { try fill($0) }
    guard got == 0 else { throw problem("more bytes follow the values", "the end of the file") }
  }

  /// Fills `target`, or less where the file ends; the number of bytes.
  private func fill(_ target: UnsafeMutableRawBufferPointer) throws -> Int {
    guard let stream else {
      let count = min(target.count, file.size - position)
      try file.read(at: position, into: UnsafeMutableRawBufferPointer(rebasing: target[..<count]))
      position += count
      return count
    }
    var done = 0
    while done < target.count {
      if stream.pointee.avail_in == 0, try !refill(stream) { break }
      if isAtMemberEnd {
        // What gzip itself does: members follow each other.
        inflateReset(stream)
        isAtMemberEnd = false
      }
      // zlib counts in 32 bits.
      let count = min(target.count - done, 1 << 30)
      stream.pointee.next_out = target.baseAddress?.advanced(by: done)
        .assumingMemoryBound(to: Bytef.self)
      stream.pointee.avail_out = uInt(count)
      let status = CZlib.inflate(stream, Z_NO_FLUSH)
      done += count - Int(stream.pointee.avail_out)
      isAtMemberEnd = status == Z_STREAM_END
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
        throw problem("the gzip data is damaged (\(reason))", "gzip data")
      }
    }
    return done
  }

  /// Reads packed bytes; false at the end of the file.
  private func refill(_ stream: UnsafeMutablePointer<z_stream>) throws -> Bool {
    let count = min(file.size - position, Self.bufferSize)
    guard count > 0 else {
      guard isAtMemberEnd else {
        throw problem("the gzip data is cut short after \(file.size) bytes", "all of it")
      }
      return false
    }
    try file.read(at: position, into: UnsafeMutableRawBufferPointer(rebasing: input[..<count]))
    position += count
    stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: Bytef.self)
    stream.pointee.avail_in = uInt(count)
    return true
  }
}
