#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The last system call's error in words.
func systemErrorText(_ number: Int32 = errno) -> String {
  String(cString: strerror(number))
}

/// All bytes of the file at `path`; `what` names its role in the error ("corpus", "tokenizer").
func readFile(_ path: String, as what: String) throws(TextError) -> [UInt8] {
  let descriptor = open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else {
    let number = errno
    throw TextError(
      number == ENOENT
        ? "\(what) '\(path)' does not exist"
        : "\(what) '\(path)' cannot be opened: \(systemErrorText(number))")
  }
  defer { close(descriptor) }

  var status = stat()
  guard fstat(descriptor, &status) == 0 else {
    throw TextError("\(what) '\(path)' cannot be read: \(systemErrorText())")
  }
  guard status.st_mode & S_IFMT != S_IFDIR else {
    throw TextError("\(what) '\(path)' is a directory, expected a file")
  }

  // A pipe says nothing of its size, and a file may grow while it is read: read until the end.
  var bytes: [UInt8] = []
  var chunk = max(Int(status.st_size), 0) + 1
  while true {
    let old = bytes.count
    var failure: Int32 = 0
    let more = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
      var result: Int
      repeat {
        result = read(descriptor, buffer.baseAddress, chunk)
      } while result < 0
        && errno == EINTR
      if result < 0 { failure = errno }
      count = max(result, 0)
    }
    guard failure == 0 else {
      throw TextError("\(what) '\(path)' cannot be read: \(systemErrorText(failure))")
    }
    if more.isEmpty { return bytes }
    if old == 0 { bytes = more } else { bytes.append(contentsOf: more) }
    chunk = 1 << 16
  }
}
