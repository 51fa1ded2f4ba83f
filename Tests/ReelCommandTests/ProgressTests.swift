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
    let shown = try Terminal.run(folder.training(), in: folder, standardOutput: false)
    #expect(shown.contains("━") && shown.contains("\u{1B}[K") && shown.contains("\r"))
    #expect(shown.contains("characters/s") && shown.contains("held-out loss"))
  }
}
