#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The bytes of a file, which may be larger than the memory: large files are mapped, so that the
/// system fetches the pages that are looked at and drops them again. Small files, pipes and
/// terminals are read.
///
/// A mapped file that another program cuts short while it is being read: the system ends a process
/// that touches a page behind the new end. The readers of this module therefore ask for the size
/// before each step of 1 MiB and throw "has become shorter" in time; only a cut within the moment
/// between that question and the reading of that step still ends the process. Files up to
/// `largestRead` bytes are copied when they are opened, and what happens to them later does not
/// matter.
public final class MappedFile: @unchecked Sendable {
  // Unchecked, for it holds a pointer: the memory behind it is never written after `init`.

  /// The path that was given, or the name of bytes that came from elsewhere.
  public let path: String
  /// The role of the file, for errors: "corpus".
  public let what: String
  /// The number of bytes.
  public let count: Int

  private enum Memory {
    case array([UInt8])
    case mapped(UnsafeMutableRawPointer, descriptor: Int32)
  }

  private let memory: Memory

  /// Files up to this size, 4 MiB, are read and not mapped.
  public static let largestRead = 1 << 22

  /// - Parameters:
  ///   - path: a file, a pipe such as "/dev/stdin", or anything else that can be read.
  ///   - what: the role of the file, which errors begin with.
  /// - Throws: where the file is missing, a directory or unreadable.
  public init(_ path: String, as what: String = "corpus") throws(TextError) {
    let file = try OpenFile(path, as: what)
    self.path = path
    self.what = what
    if file.isRegular, file.size > Self.largestRead,
      let base = mmap(nil, file.size, PROT_READ, MAP_PRIVATE, file.descriptor, 0),
      base != MAP_FAILED
    {
      count = file.size
      memory = .mapped(base, descriptor: file.descriptor)
      // Read ahead, and drop early what has been read: only advice, so a refusal does not matter.
      _ = madvise(base, file.size, MADV_SEQUENTIAL)
    } else {
      // Some file systems cannot map.
      defer { file.close() }
      let bytes = try file.readToEnd()
      count = bytes.count
      memory = .array(bytes)
    }
  }

  /// Bytes that are in memory already, to be read as a file is; `name` stands for the path.
  public init(bytes: [UInt8], name: String, as what: String = "corpus") {
    path = name
    self.what = what
    count = bytes.count
    memory = .array(bytes)
  }

  deinit {
    if case .mapped(let base, let descriptor) = memory {
      munmap(base, count)
      close(descriptor)
    }
  }

  /// How errors name the file: its role and its path.
  public var name: String { "\(what) '\(path)'" }

  /// Whether the file is mapped, and not copied into memory.
  public var isMapped: Bool {
    if case .mapped = memory { true } else { false }
  }

  /// Calls `body` with all bytes, which are valid only until it returns.
  @inline(__always)
  public func withBytes<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch memory {
    case .array(let bytes):
      // `withUnsafeBufferPointer` loses the type of the error.
      let result = bytes.withUnsafeBufferPointer { buffer in
        Swift.Result { () throws(Failure) in try body(buffer) }
      }
      return try result.get()
    case .mapped(let base, _):
      return try body(
        UnsafeBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: count))
    }
  }

  /// Throws where a mapped file has become shorter since it was opened.
  func checkSize() throws(TextError) {
    guard case .mapped(_, let descriptor) = memory,
      let now = OpenFile.currentSize(of: descriptor), now < count
    else { return }
    throw TextError(
      "\(name) has become shorter while it was read: \(now) bytes, expected \(count)")
  }

  /// An error in a line of the file.
  func error(line: Int, _ text: String) -> TextError {
    TextError("\(name), line \(line): \(text)")
  }
}
