import Foundation
import Testing

@Suite struct ProgressTests {
  @Test func aPipeGetsPlainLines() throws {
    let folder = try TestFolder.withCorpus()
    let result = try Tool.run(folder.training(), in: folder)
    #expect(!result.error.contains("\u{1B}") && !result.error.contains("\r"))
    #expect(result.error.hasSuffix("\n"))
    let evaluations = result.errorLines.filter { $0.contains("held-out loss") }
    #expect(evaluations.count == 2)
    #expect(evaluations.allSatisfy { $0.contains("nats") && $0.contains("bits per character") })
    #expect(evaluations.first?.hasSuffix("best") == true)
    #expect(result.errorLines.last?.contains("100.0%") == true)
  }

  @Test func aTerminalGetsABar() throws {
    let folder = try TestFolder.withCorpus()
    var (leader, terminal) = (Int32(-1), Int32(-1))
    try #require(openpty(&leader, &terminal, nil, nil, nil) == 0)
    defer { close(leader) }
    let process = try ToolProcess(
      try Tool.path, folder.training(), in: folder, errorTo: terminal)
    close(terminal)
    // Read until the tool has closed its end, which a Linux terminal reports as an error.
    var text: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = read(leader, &chunk, chunk.count), count > 0 {
      text += chunk[..<count]
    }
    let shown = String(decoding: text, as: UTF8.self)
    #expect(try process.wait().code == 0)
    #expect(shown.contains("━") && shown.contains("\u{1B}[K") && shown.contains("\r"))
    #expect(shown.contains("characters/s") && shown.contains("held-out loss"))
  }
}
