#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a file so that at any moment the old one or the new one is there, whole: to a new file
/// beside it, flushed to the disk, then renamed.
func writeFileAtomically(_ bytes: [UInt8], to path: String) throws(TextError) {
  let temporary = "\(path).\(getpid()).tmp"
  let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else {
    throw TextError("'\(path)' cannot be written: \(systemErrorText())")
  }
  var failure: Int32 = 0
  if !writeAll(bytes, to: descriptor) || fsync(descriptor) != 0 { failure = errno }
  if close(descriptor) != 0, failure == 0 { failure = errno }
  if failure == 0, rename(temporary, path) != 0 { failure = errno }
  guard failure == 0 else {
    unlink(temporary)
    throw TextError("'\(path)' cannot be written: \(systemErrorText(failure))")
  }
  flushFolder(of: path)
}

private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
  bytes.withUnsafeBytes { buffer in
    var offset = 0
    while offset < buffer.count {
      let result = write(
        descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
      if result > 0 {
        offset += result
      } else if errno != EINTR {
        return false
      }
    }
    return true
  }
}

/// The new name is on the disk only when its folder is. Some file systems cannot flush a folder;
/// the file itself is whole all the same, so a failure here is not reported.
private func flushFolder(of path: String) {
  let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
  let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  _ = fsync(descriptor)
  close(descriptor)
}
