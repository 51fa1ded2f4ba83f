/// Reads plain text in pieces: by line, or by paragraph.
public struct PlainTextReader: RecordReader {
  /// What one record is.
  public enum Unit: String, Sendable, CaseIterable {
    /// Every line, empty ones too.
    case line
    /// Lines up to an empty one (or one of spaces and tabs alone), joined with LF; empty lines
    /// only separate.
    case paragraph
  }

  /// A piece of text and where it began.
  public struct Piece: Sendable, Equatable {
    public let text: String
    /// The number of its first line, from 1.
    public let line: Int
  }

  private var lines: Lines
  private let unit: Unit

  public init(_ file: MappedFile, by unit: Unit = .line, invalidBytes: InvalidBytes = .refused) {
    lines = Lines(file, invalidBytes: invalidBytes)
    self.unit = unit
  }

  public mutating func next() throws(TextError) -> Piece? {
    var bytes: [UInt8] = []
    var first = 0
    while let line = try lines.next() {
      if unit == .line { return Piece(text: line.text, line: line.number) }
      if line.isBlank {
        if first > 0 { break }
        continue
      }
      if first > 0 { bytes.append(UInt8(ascii: "\n")) } else { first = line.number }
      bytes += line.bytes
    }
    return first > 0 ? Piece(text: String(decoding: bytes, as: UTF8.self), line: first) : nil
  }
}

extension Line {
  /// Whether the line holds nothing but spaces and tabs.
  var isBlank: Bool { bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
}
