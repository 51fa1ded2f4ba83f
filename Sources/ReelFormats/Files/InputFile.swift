#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file open for reading at any offset, straight into the memory that keeps the bytes.
///
/// Not mapped: a mapped file that another process cuts short ends this one with a signal; a read
/// throws.
final class InputFile {
  let path: String
  /// Bytes in the file when it was opened.
  let size: Int
  private let descriptor: Int32

  init(_ path: String) throws {
    // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
    let descriptor = retrying { open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { throw FileError(.read, path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let error = FileError(.read, path)
      close(descriptor)
      throw error
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      let isFolder = status.st_mode & S_IFMT == S_IFDIR
      throw FileError(
        .read, path, reason: isFolder ? "it is a folder, expected a file" : "not a regular file")
    }
    self.path = path
    self.size = Int(status.st_size)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Fills all of `target` from the bytes at `offset`, which the caller has checked against `size`.
  func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < target.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
      let got = retrying { pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done)) }
      guard got >= 0 else { throw FileError(.read, path) }
      guard got > 0 else {
        throw FormatError(
          path: path, came: "the file ends at byte \(offset + done)",
          expected: "\(size) bytes, as when it was opened")
      }
      done += got
    }
  }

  func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      try read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
      initialized = count
    }
  }
}
