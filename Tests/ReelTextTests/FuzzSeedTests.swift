import Foundation
import ReelText
import Testing

/// What the fuzz targets begin with must be good files, or they never get past the first check.
@Suite struct FuzzSeedTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fuzz/Seeds/tokenizer").path

  static var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  @Test(arguments: names)
  func tokenizersAreRead(name: String) throws {
    let tokenizer = try TokenizerFile.read("\(Self.folder)/\(name)")
    _ = tokenizer.decode(tokenizer.encode("The cats' 1,000 CAFÉS\r\n were\tfull."))
  }

  @Test func thereAreSeeds() {
    #expect(Self.names.count >= 9)
  }
}
