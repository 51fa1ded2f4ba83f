import Foundation
import Reel

/// Unbuffered writing to standard output and standard error.
enum StandardStreams {
  /// Nobody reads standard output any more.
  struct ClosedPipe: Error {}

  /// Writes all of a text to standard output.
  ///
  /// - Throws: `ClosedPipe` when the reader has gone, `CommandError` when the output is full.
  static func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }

  /// The same with bytes.
  static func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer) throws {
    let error = writeAll(bytes, to: STDOUT_FILENO)
    guard error != EPIPE else { throw ClosedPipe() }
    guard error == 0 else {
      throw CommandError("cannot write to standard output: \(String(cString: strerror(error)))")
    }
  }

  /// Writes a text to standard error; there is nowhere to report a failure.
  static func writeError(_ text: String) {
    var text = text
    _ = text.withUTF8 { writeAll(UnsafeRawBufferPointer($0), to: STDERR_FILENO) }
  }

  static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
  static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Whether colours may be used on standard output.
  static var outputTakesColour: Bool {
    let environment = ProcessInfo.processInfo.environment
    return outputIsTerminal && environment["TERM"] != "dumb"
      && (environment["NO_COLOR"] ?? "").isEmpty
  }

  /// Whether the locale has more characters than ASCII's.
  static var usesUnicode: Bool {
    let style = ProgressBar.style(
      isTerminal: true, environment: ProcessInfo.processInfo.environment)
    guard case .terminal(_, let unicode) = style else { return false }
    return unicode
  }

  /// Columns of the terminal on standard output; 80 where it is none.
  static var outputWidth: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// 0, or the system's error number.
  private static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = bytes
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
