#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif
import Synchronization

/// Writes files so that at any moment, a power cut included, the path holds either all of the old
/// contents or all of the new.
///
/// The bytes go to a new file in the same folder, which is flushed to the disk, renamed over the
/// path, and made lasting by flushing the folder. On any failure the new file is removed, the old
/// one is untouched, and a `FileError` says why. (If only the folder cannot be flushed, the new
/// contents are in place, and the error says so.) Only a process killed on the way leaves its new
/// file behind, named `.NAME.PROCESS-NUMBER.new`.
///
/// A symbolic link stays: the file that it points to is replaced. A file that is replaced passes
/// its permissions on.
public enum AtomicFile {
  /// Writes all of `bytes` (`[UInt8]`, `Data`, an unsafe buffer, ...).
  public static func write(_ bytes: some ContiguousBytes, to path: String) throws {
    try write(to: path) { writer in try writer.write(bytes) }
  }

  /// Writes a text as UTF-8.
  public static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// Writes what `body` hands to the writer, piece by piece and without keeping a copy. If `body`
  /// throws, the old file stays as it was.
  public static func write(to path: String, _ body: (inout Writer) throws -> Void) throws {
    let target = try resolve(path)
    let temporary = try create(besides: target)
    var isOpen = true
    do {
      if let permissions = target.permissions {
        guard fchmod(temporary.descriptor, permissions) == 0 else { throw FileError(.write, path) }
      }
      var writer = Writer(descriptor: temporary.descriptor, path: path)
      try body(&writer)
      guard retrying({ fsync(temporary.descriptor) }) == 0 else { throw FileError(.write, path) }
      isOpen = false
      // Closing is the last moment at which a network file system reports a failed write.
      guard close(temporary.descriptor) == 0 || errno == EINTR else {
        throw FileError(.write, path)
      }
      guard rename(temporary.path, target.path) == 0 else { throw FileError(.write, path) }
    } catch {
      if isOpen { close(temporary.descriptor) }
      unlink(temporary.path)
      throw error
    }
    try flush(folder: target.folder, for: path)
  }

  /// Takes the bytes of one file, in order.
  public struct Writer: ~Copyable {
    let descriptor: Int32
    let path: String
    /// Bytes written so far.
    public private(set) var count = 0

    init(descriptor: Int32, path: String) {
      self.descriptor = descriptor
      self.path = path
    }

    public mutating func write(_ bytes: some ContiguousBytes) throws {
      try bytes.withUnsafeBytes { bytes in
        var done = 0
        while done < bytes.count {
          let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
          #if canImport(Glibc)
            let written = retrying { Glibc.write(descriptor, rest.baseAddress, rest.count) }
          #elseif canImport(Musl)
            let written = retrying { Musl.write(descriptor, rest.baseAddress, rest.count) }
          #else
            let written = retrying { Darwin.write(descriptor, rest.baseAddress, rest.count) }
          #endif
          guard written >= 0 else { throw FileError(.write, path) }
          done += written
        }
        count += done
      }
    }
  }

  // MARK: Steps

  private struct Target {
    let path: String
    let folder: String
    let name: String
    /// Of the file that will be replaced, if there is one.
    let permissions: mode_t?
  }

  private static func resolve(_ path: String) throws -> Target {
    var status = stat()
    var permissions: mode_t?
    var end = path
    if stat(path, &status) == 0 {
      // Renaming over a device would replace the device.
      let kind = status.st_mode & S_IFMT
      guard kind != S_IFDIR else { throw FileError(.write, path, code: EISDIR) }
      guard kind == S_IFREG else { throw FileError(.write, path, reason: "not a regular file") }
      permissions = status.st_mode & 0o7777
      if let resolved = realpath(path, nil) {
        end = String(cString: resolved)
        free(resolved)
      }
    } else if errno != ENOENT {
      throw FileError(.write, path)
    }
    let slash = end.utf8.lastIndex(of: UInt8(ascii: "/"))
    let name = slash.map { String(end[end.utf8.index(after: $0)...]) } ?? end
    guard !name.isEmpty else { throw FileError(.write, path, code: path.isEmpty ? ENOENT : EISDIR) }
    let folder = slash.map { String(end[...$0]) } ?? "./"
    return Target(path: end, folder: folder, name: name, permissions: permissions)
  }

  private static let number = Atomic<Int>(0)

  private static func create(besides target: Target) throws -> (path: String, descriptor: Int32) {
    // A name may be as long as the file system allows; what is added to it must fit too.
    let start = String(target.name.unicodeScalars.prefix(40))
    while true {
      let unique = number.wrappingAdd(1, ordering: .relaxed).newValue
      let path = "\(target.folder).\(start).\(getpid())-\(unique).new"
      let descriptor = retrying { open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666) }
      if descriptor >= 0 { return (path, descriptor) }
      // The left-over of a killed process that had the same number.
      guard errno == EEXIST else { throw FileError(.write, target.path) }
    }
  }

  private static func flush(folder: String, for path: String) throws {
    let descriptor = retrying { open(folder, O_RDONLY | O_CLOEXEC | O_DIRECTORY) }
    // A folder that may be written but not read cannot be flushed; the file itself is complete.
    if descriptor < 0 && errno == EACCES { return }
    let note = " while flushing its folder; the new contents are in place"
    guard descriptor >= 0 else { throw FileError(.write, path, note: note) }
    defer { close(descriptor) }
    // Some file systems know no flushing of folders and answer EINVAL.
    guard retrying({ fsync(descriptor) }) == 0 || errno == EINVAL else {
      throw FileError(.write, path, note: note)
    }
  }
}
