import Foundation
import Testing

/// A terminal in place of one of the tool's streams.
enum Terminal {
  /// What the terminal got; the tool must end with code 0.
  ///
  /// - Parameter standardOutput: whether it is standard output, else standard error.
  static func run(
    _ arguments: [String], in folder: TestFolder, standardOutput: Bool
  ) throws -> String {
    var (leader, terminal) = (Int32(-1), Int32(-1))
    try #require(openpty(&leader, &terminal, nil, nil, nil) == 0)
    defer { close(leader) }
    let process = try ToolProcess(
      try Tool.path, arguments, in: folder, outputTo: standardOutput ? terminal : nil,
      errorTo: standardOutput ? nil : terminal)
    close(terminal)
    // Read until the tool has closed its end, which a Linux terminal reports as an error.
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = read(leader, &chunk, chunk.count), count > 0 {
      text += chunk[..<count]
    }
    #expect(try process.wait().code == 0)
    return String(decoding: text, as: UTF8.self)
  }
}
