import Foundation

/// Unbuffered writing to standard output and standard error.
enum StandardStreams {
  /// Nobody reads standard output any more.
  struct ClosedPipe: Error {}

  /// Writes all of a text to standard output.
  ///
  /// - Throws: `ClosedPipe` when the reader has gone, `CommandError` when the output is full.
  static func write(_ text: String) throws {
    let error = writeAll(text, to: STDOUT_FILENO)
    guard error != EPIPE else { throw ClosedPipe() }
    guard error == 0 else {
      throw CommandError("cannot write to standard output: \(String(cString: strerror(error)))")
    }
  }

  /// Writes a text to standard error; there is nowhere to report a failure.
  static func writeError(_ text: String) {
    _ = writeAll(text, to: STDERR_FILENO)
  }

  static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
  static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// 0, or the system's error number.
  private static func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if errno == EAGAIN {
          // A terminal or pipe that somebody made non-blocking: wait until it takes more.
          var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          poll(&wait, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }
}
