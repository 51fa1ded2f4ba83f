/// Lines for standard output, gathered so that many short ones cost few system calls.
struct LineOutput {
  private var bytes: [UInt8] = []
  private static let most = 1 << 16

  /// Appends a line and its end.
  ///
  /// - Throws: `StandardStreams.ClosedPipe` when the reader has gone.
  mutating func write(line: String) throws {
    bytes.append(contentsOf: line.utf8)
    bytes.append(UInt8(ascii: "\n"))
    if bytes.count >= Self.most { try flush() }
  }

  /// Appends bytes as they are, and a line end.
  mutating func write(line: some Sequence<UInt8>) throws {
    bytes.append(contentsOf: line)
    bytes.append(UInt8(ascii: "\n"))
    if bytes.count >= Self.most { try flush() }
  }

  mutating func flush() throws {
    defer { bytes.removeAll(keepingCapacity: true) }
    try StandardStreams.write(bytes)
  }
}
