#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What to do with bytes that are not UTF-8.
public enum InvalidBytes: String, Sendable, CaseIterable {
  /// An error that names the line and the column of the first one.
  case refused
  /// Each ill-formed sequence becomes U+FFFD, in the way of table 3-8 of the Unicode Standard: one
  /// for the longest beginning of a character, one for each other byte.
  case replaced
}

/// One line of a file.
public struct Line: Sendable {
  /// Its number, from 1.
  public let number: Int
  /// Its bytes, well-formed UTF-8, without the end of the line.
  public let bytes: [UInt8]
  /// Whether it ended with CRLF.
  public let endsWithCarriageReturn: Bool

  /// Its text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// The lines of a file, one after the other.
///
/// A line ends with LF or CRLF, neither of which belongs to it; the last one may end with the file.
/// A CR alone ends no line and stays in it. A byte-order mark at the start of the file is left out.
/// An empty file has no lines, and LF at the end of a file begins no further one.
public struct Lines: RecordReader {
  public let file: MappedFile
  private let invalidBytes: InvalidBytes
  /// The number of bytes that have been read, for a display of progress beside `file.count`.
  public private(set) var byteOffset = 0
  private var number = 0
  /// Up to here the file is known to be long enough; see `MappedFile`.
  private var checkedCount = 0

  public init(_ file: MappedFile, invalidBytes: InvalidBytes = .refused) {
    self.file = file
    self.invalidBytes = invalidBytes
  }

  /// - Throws: where a byte is not UTF-8 (unless it is to be replaced), naming line, column and
  ///   offset, and where the file has become shorter.
  public mutating func next() throws(TextError) -> Line? {
    if byteOffset == 0 { try skipByteOrderMark() }
    guard byteOffset < file.count else { return nil }
    let start = byteOffset
    let end = try endOfLine()
    byteOffset = end
    number += 1
    let (line, ending) = (number, invalidBytes)
    let result = file.withBytes { all -> Result<Line, UTF8Error> in
      let whole = UnsafeBufferPointer(rebasing: all[start..<end])
      var content = whole.count
      if content > 0, whole[content - 1] == UInt8(ascii: "\n") {
        content -= 1
        if content > 0, whole[content - 1] == UInt8(ascii: "\r") { content -= 1 }
      }
      let bytes = [UInt8](whole[..<content])
      let hasReturn = content + 2 == whole.count
      // With the end of the line, so that a character that it breaks off is explained as such.
      guard let bad = UTF8Validation.firstIllFormed(in: whole) else {
        return .success(Line(number: line, bytes: bytes, endsWithCarriageReturn: hasReturn))
      }
      switch ending {
      case .refused: return .failure(UTF8Error(at: bad, in: whole, line: line, offset: start))
      case .replaced:
        let text = String(decoding: bytes, as: UTF8.self)
        return .success(
          Line(number: line, bytes: Array(text.utf8), endsWithCarriageReturn: hasReturn))
      }
    }
    switch result {
    case .success(let line): return line
    case .failure(let error):
      byteOffset = file.count
      throw TextError("\(file.name) is \(error)")
    }
  }

  private mutating func skipByteOrderMark() throws(TextError) {
    try check(upTo: byteOrderMark.count)
    if file.withBytes({ $0.starts(with: byteOrderMark) }) { byteOffset = byteOrderMark.count }
  }

  /// The offset behind the end of the line that begins at `byteOffset`.
  private mutating func endOfLine() throws(TextError) -> Int {
    var position = byteOffset
    while position < file.count {
      if position >= checkedCount { try check(upTo: position + 1) }
      let limit = checkedCount
      let found = file.withBytes { all -> Int? in
        guard let base = all.baseAddress,
          let place = memchr(base + position, Int32(UInt8(ascii: "\n")), limit - position)
        else { return nil }
        return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(place)) + 1
      }
      if let found { return found }
      position = limit
    }
    return position
  }

  private static let step = 1 << 20

  private mutating func check(upTo count: Int) throws(TextError) {
    do {
      try file.checkSize()
    } catch {
      byteOffset = file.count
      throw error
    }
    checkedCount = min(file.count, (count / Self.step + 1) * Self.step)
  }
}

extension UTF8Error {
  /// The ill-formed sequence at `position` in a line that begins at `offset` of a file.
  init(
    at position: Int, in bytes: UnsafeBufferPointer<UInt8>, line: Int, offset: Int
  ) {
    let error = UTF8Error(at: position, in: bytes)
    self.byteOffset = offset + error.byteOffset
    self.line = line
    self.column = error.column
    self.byte = error.byte
    self.reason = error.reason
  }
}
