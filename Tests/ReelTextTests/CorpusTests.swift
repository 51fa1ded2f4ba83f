import Foundation
import ReelText
import Testing

@Suite final class CorpusTests {
  private let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "reel-corpus-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func file(_ bytes: [UInt8]) -> String {
    let path = folder + "/corpus.txt"
    _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
    return path
  }

  @Test func bytesComeAsTheyAre() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(try Corpus.read(file(bytes)) == bytes)
  }

  @Test func aByteOrderMarkIsRemoved() throws {
    #expect(try Corpus.read(file([0xEF, 0xBB, 0xBF, 0x61])) == [0x61])
    let path = file([0xEF, 0xBB, 0xBF])
    #expect(errorText { _ = try Corpus.read(path) } == "corpus '\(path)' is empty, expected text")
  }

  @Test func positionsCountFromTheStartOfTheFile() {
    let path = file([0xEF, 0xBB, 0xBF, 0x61, 0x0A, 0xC3, 0x28])
    #expect(
      errorText { _ = try Corpus.read(path, validatingUTF8: true) }
        == "corpus '\(path)' is not UTF-8: byte 0xC3 at line 2, column 1 (offset 5) is the start of "
        + "a character, but 0x28 follows")
    #expect(errorText { _ = try Corpus.read(path) } == "")
  }

  @Test func missingEmptyAndFolder() {
    let missing = folder + "/none.txt"
    #expect(errorText { _ = try Corpus.read(missing) } == "corpus '\(missing)' does not exist")
    let empty = file([])
    #expect(
      errorText { _ = try Corpus.read(empty) } == "corpus '\(empty)' is empty, expected text")
    #expect(
      errorText { _ = try Corpus.read(folder) }
        == "corpus '\(folder)' is a directory, expected a file")
    #expect(
      errorText { _ = try Corpus.read(empty + "/x") }
        == "corpus '\(empty)/x' cannot be opened: Not a directory")
  }
}
