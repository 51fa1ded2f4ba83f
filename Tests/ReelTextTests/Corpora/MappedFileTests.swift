import Foundation
import ReelText
import Testing

@Suite final class MappedFileTests {
  private let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "reel-mapped-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func write(_ bytes: [UInt8]) -> String {
    let path = folder + "/file"
    _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
    return path
  }

  @Test(arguments: [0, 1, 1 << 22, (1 << 22) + 1, (9 << 20) + 5])
  func smallFilesAreReadAndLargeOnesMapped(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let file = try MappedFile(write(bytes))
    #expect(file.count == count)
    #expect(file.isMapped == (count > MappedFile.largestRead))
    #expect(file.withBytes { $0.elementsEqual(bytes) })
  }

  /// Lines that lie across the steps in which a mapped file is checked.
  @Test func linesOfALargeFile() throws {
    let lengths = [10, 700_000, 0, 1 << 20, 2_500_000, 3, 1_300_000]
    let lines = lengths.enumerated().map { [UInt8](repeating: 0x61 + UInt8($0), count: $1) }
    let file = try MappedFile(write(Array(lines.joined(separator: [0x0D, 0x0A]))))
    #expect(file.isMapped)
    #expect(try Lines(file).records().map(\.bytes) == lines)
  }

  @Test func aFileThatShrinksIsAnError() throws {
    let path = write([UInt8](repeating: 0x61, count: 6 << 20))
    let file = try MappedFile(path)
    var reader = Lines(file)
    #expect(truncate(path, 1000) == 0)
    #expect(
      errorText { _ = try reader.next() }
        == "corpus '\(path)' has become shorter while it was read: 1000 bytes, expected 6291456")
    #expect(try reader.next()?.number == nil)
  }

  @Test func whatHappensToASmallFileLaterDoesNotMatter() throws {
    let path = write(Array("one\ntwo".utf8))
    let file = try MappedFile(path)
    #expect(truncate(path, 0) == 0)
    #expect(try Lines(file).records().map(\.text) == ["one", "two"])
  }

  @Test func pipesAreRead() throws {
    let pipe = Pipe()
    pipe.fileHandleForWriting.write(Data("one\ntwo\n".utf8))
    try pipe.fileHandleForWriting.close()
    let file = try MappedFile("/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)")
    #expect(!file.isMapped)
    #expect(try Lines(file).records().map(\.text) == ["one", "two"])
  }

  @Test func errorsNameTheRole() {
    #expect(
      errorText { _ = try MappedFile(folder + "/none", as: "word list") }
        == "word list '\(folder)/none' does not exist")
    #expect(
      errorText { _ = try MappedFile(folder) }
        == "corpus '\(folder)' is a directory, expected a file"
    )
  }
}
