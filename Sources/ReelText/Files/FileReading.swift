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
  let file = try OpenFile(path, as: what)
  defer { file.close() }
  return try file.readToEnd()
}

/// A file that is open for reading.
struct OpenFile {
  let path: String
  /// Its role, for errors: "corpus", "tokenizer".
  let what: String
  let descriptor: Int32
  /// Whether it is a file on a disk, with a size, and no pipe or terminal.
  let isRegular: Bool
  /// Its size when it was opened; 0 for what has none.
  let size: Int

  /// - Throws: where the file is missing, a directory or unreadable.
  init(_ path: String, as what: String) throws(TextError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let number = errno
      throw TextError(
        number == ENOENT
          ? "\(what) '\(path)' does not exist"
          : "\(what) '\(path)' cannot be opened: \(systemErrorText(number))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let number = errno
      closeDescriptor(descriptor)
      throw TextError("\(what) '\(path)' cannot be read: \(systemErrorText(number))")
    }
    let type = status.st_mode & S_IFMT
    guard type != S_IFDIR else {
      closeDescriptor(descriptor)
      throw TextError("\(what) '\(path)' is a directory, expected a file")
    }
    self.path = path
    self.what = what
    self.descriptor = descriptor
    isRegular = type == S_IFREG
    size = max(Int(status.st_size), 0)
  }

  func close() { closeDescriptor(descriptor) }

  /// The size now, or nil where the system cannot say.
  static func currentSize(of descriptor: Int32) -> Int? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : nil
  }

  /// All bytes. A pipe says nothing of its size, and a file may grow while it is read: this reads
  /// until the end.
  func readToEnd() throws(TextError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = size + 1
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
}

/// `close`, under a name that a method called `close` does not hide.
private func closeDescriptor(_ descriptor: Int32) { close(descriptor) }
