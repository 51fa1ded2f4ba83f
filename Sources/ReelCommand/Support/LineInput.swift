import Foundation
import Reel

/// The lines of a file or of standard input, one after the other as they come; a file may be larger
/// than the memory.
///
/// Lines end with LF or CR LF, which do not belong to them; nor does a byte-order mark.
final class LineInput {
  /// What an error calls it.
  let name: String
  /// The number of the line that came last, from 1.
  private(set) var number = 0

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  /// The part of the buffer that is no line yet.
  private var start = 0
  private var end = 0
  private var isAtEnd = false

  private static let chunk = 1 << 16

  /// - Parameter path: nil or "-" for standard input.
  init(_ path: String?) throws {
    guard let path, path != "-" else {
      name = "standard input"
      descriptor = STDIN_FILENO
      return
    }
    name = "'\(path)'"
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let number = errno
      throw CommandError(
        number == ENOENT
          ? "input '\(path)' does not exist"
          : "input '\(path)' cannot be opened: \(String(cString: strerror(number)))")
    }
  }

  deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

  /// The bytes of the next line; nil at the end.
  ///
  /// - Parameter beforeWaiting: called when there is no whole line yet. Results that are written
  ///   there come at once to whoever types the lines.
  func next(beforeWaiting: () throws -> Void = {}) throws -> [UInt8]? {
    var searched = start
    while true {
      if let lineFeed = buffer[searched..<end].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = lineFeed + 1 }
        return line(start..<lineFeed)
      }
      searched = end
      if isAtEnd {
        guard start < end else { return nil }
        defer { start = end }
        return line(start..<end)
      }
      try beforeWaiting()
      searched -= start
      try fill()
      searched += start
    }
  }

  /// The text of the next line; nil at the end.
  ///
  /// - Parameter replacesInvalidBytes: whether bytes that are not UTF-8 become U+FFFD.
  /// - Throws: one line that names line and column of a bad byte.
  func nextText(
    replacesInvalidBytes: Bool, beforeWaiting: () throws -> Void = {}
  ) throws -> String? {
    guard let bytes = try next(beforeWaiting: beforeWaiting) else { return nil }
    return try text(of: bytes, replacesInvalidBytes: replacesInvalidBytes)
  }

  /// The text of the line that came last.
  ///
  /// - Throws: one line that names line and column of a bad byte.
  func text(of bytes: [UInt8], replacesInvalidBytes: Bool) throws(CommandError) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    if !replacesInvalidBytes {
      do {
        try UTF8Validation.validate(bytes)
      } catch {
        throw CommandError(
          "\(name), line \(number), column \(error.column): byte 0x"
            + String(error.byte, radix: 16, uppercase: true)
            + " is no UTF-8: it is \(error.reason); --replace-invalid reads it as U+FFFD")
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The whole lines that are there before any has been taken; waits for the first.
  func firstLines() throws -> [[UInt8]] {
    while !isAtEnd, !buffer[start..<end].contains(UInt8(ascii: "\n")) { try fill() }
    var lines = buffer[start..<end].split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    // What comes after the last line end is no whole line yet.
    if !isAtEnd { lines.removeLast() }
    return lines.map { line in
      Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
    }
  }

  private func line(_ range: Range<Int>) -> [UInt8] {
    var line = buffer[range]
    number += 1
    if number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
    if line.last == UInt8(ascii: "\r") { line = line.dropLast() }
    return Array(line)
  }

  private func fill() throws {
    if start > 0 {
      buffer.removeSubrange(..<start)
      (start, end) = (0, end - start)
    }
    // A line longer than the buffer doubles it, so that its length is not read again and again.
    if buffer.count - end < Self.chunk {
      buffer.append(contentsOf: repeatElement(0, count: max(Self.chunk, buffer.count)))
    }
    var count: Int
    repeat {
      count = buffer.withUnsafeMutableBytes { bytes in
        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[end...])
        return read(descriptor, rest.baseAddress, rest.count)
      }
    } while count < 0 && errno == EINTR
    guard count >= 0 else {
      throw CommandError("\(name) cannot be read: \(String(cString: strerror(errno)))")
    }
    end += count
    isAtEnd = count == 0
  }
}
