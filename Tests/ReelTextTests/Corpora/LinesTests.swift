import Foundation
import ReelText
import Testing

/// A file in memory, named 'f'.
func memory(_ text: String) -> MappedFile { MappedFile(bytes: Array(text.utf8), name: "f") }

@Suite struct LinesTests {
  private func lines(_ bytes: [UInt8], _ invalid: InvalidBytes = .refused) throws -> [Line] {
    try Lines(MappedFile(bytes: bytes, name: "f"), invalidBytes: invalid).records()
  }

  @Test(arguments: [
    ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\r\n", ["a"]), ("a\r\nb", ["a", "b"]),
    ("\n", [""]), ("\r\n\r\n", ["", ""]), ("a\n\nb\n", ["a", "", "b"]), ("a\rb\n", ["a\rb"]),
    ("a\r", ["a\r"]), ("\r\r\n", ["\r"]), ("\u{FEFF}a\n\u{FEFF}b", ["a", "\u{FEFF}b"]),
    ("\u{FEFF}", []), ("\u{85}x\u{2028}y\u{B}z", ["\u{85}x\u{2028}y\u{B}z"]),
    ("nul\u{0}\n", ["nul\u{0}"]),
  ])
  func endsOfLines(text: String, expected: [String]) throws {
    let found = try lines(Array(text.utf8))
    #expect(found.map { scalars($0.text) } == expected.map { scalars($0) })
    #expect(found.map(\.number) == Array(1..<expected.count + 1))
  }

  @Test func carriageReturnsAreKnown() throws {
    let found = try lines(Array("a\r\nb\n\r\nc".utf8))
    #expect(found.map(\.endsWithCarriageReturn) == [true, false, true, false])
  }

  @Test func aBadByteIsNamed() throws {
    let file = MappedFile(
      bytes: Array("\u{FEFF}aé\nxßy".utf8) + [0xC3, 0x0A] + Array("z".utf8), name: "f")
    var reader = Lines(file)
    _ = try reader.next()
    #expect(
      errorText { _ = try reader.next() }
        == "corpus 'f' is not UTF-8: byte 0xC3 at line 2, column 4 (offset 11) is the start of a "
        + "character, but 0x0A follows")
    #expect(try reader.next()?.number == nil)
    #expect(
      errorText { _ = try lines([0xFF, 0xFE, 0x41]) }.hasSuffix("; the text looks like UTF-16"))
    #expect(errorText { _ = try lines([0x61, 0xE2, 0x82]) }.contains("the text breaks off"))
  }

  @Test func badBytesAreReplaced() throws {
    let found = try lines([0x61, 0xFF, 0x0A, 0xE2, 0x82, 0x0D, 0x0A, 0xF0, 0x9F], .replaced)
    #expect(found.map(\.text) == ["a\u{FFFD}", "\u{FFFD}", "\u{FFFD}"])
    #expect(found.map(\.endsWithCarriageReturn) == [false, true, false])
  }

  /// Any bytes at all: the lines put together are the file again.
  @Test func linesTogetherAreTheFile() throws {
    var random = TestGenerator(state: 5)
    for _ in 0..<300 {
      var text = random.text(upTo: 40)
      for end in ["\n", "\r\n", "\r"] where Bool.random(using: &random) {
        text += end + random.text(upTo: 9)
      }
      var joined: [UInt8] = []
      for line in try lines(Array(text.utf8)) {
        joined += line.bytes + (line.endsWithCarriageReturn ? [0x0D, 0x0A] : [0x0A])
      }
      var expected = Array(text.utf8)
      if text.unicodeScalars.first == "\u{FEFF}" { expected.removeFirst(3) }
      if !expected.isEmpty, expected.last != 0x0A { expected.append(0x0A) }
      #expect(joined == expected)
    }
  }

  @Test func linesAndParagraphs() throws {
    let file = memory("\n one\r\ntwo\n \t\n\n\nthree")
    let lines = try PlainTextReader(file).records()
    #expect(lines.map(\.text) == ["", " one", "two", " \t", "", "", "three"])
    #expect(lines.map(\.line) == [1, 2, 3, 4, 5, 6, 7])
    let paragraphs = try PlainTextReader(file, by: .paragraph).records()
    #expect(paragraphs.map(\.text) == [" one\ntwo", "three"])
    #expect(paragraphs.map(\.line) == [2, 7])
  }
}
