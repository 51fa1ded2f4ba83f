import ReelText
import Testing

@Suite struct UTF8ValidationTests {
  private func failure(_ bytes: [UInt8]) -> UTF8Error? {
    do throws(UTF8Error) {
      try UTF8Validation.validate(bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: TextSamples.all)
  func wellFormedTextPasses(_ text: String) {
    #expect(failure(Array(text.utf8)) == nil)
  }

  @Test func everyScalarPasses() {
    for value in stride(from: UInt32(0), to: 0x11_0000, by: 7) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      #expect(failure(Array(String(scalar).utf8)) == nil)
    }
  }

  @Test func positionsCountScalars() throws {
    // Line 3 begins after a two-byte and a four-byte character and two line ends.
    let before = "\u{E9}\r\n\u{1F680}\nab\u{E9}"
    let error = try #require(failure(Array(before.utf8) + [0xFF, 0x61]))
    #expect(error.byteOffset == before.utf8.count)
    #expect(error.line == 3)
    #expect(error.column == 4)
    #expect(error.byte == 0xFF)
    #expect("\(error)".hasPrefix("not UTF-8: byte 0xFF at line 3, column 4 (offset 13) is "))
  }

  @Test func aByteOrderMarkIsNotCounted() throws {
    let error = try #require(failure([0xEF, 0xBB, 0xBF, 0x61, 0x80]))
    #expect(error.column == 2)
    #expect(error.byteOffset == 4)
  }

  @Test(
    arguments: [
      ([0x80], "a continuation byte with no first byte before it"),
      ([0xC0, 0x80], "the start of an overlong form"),
      ([0xC1, 0xBF], "the start of an overlong form"),
      ([0xE0, 0x9F, 0xBF], "the start of an overlong form"),
      ([0xF0, 0x8F, 0xBF, 0xBF], "the start of an overlong form"),
      ([0xED, 0xA0, 0x80], "the start of a surrogate, which UTF-8 does not encode"),
      ([0xF4, 0x90, 0x80, 0x80], "the start of a value beyond U+10FFFF"),
      ([0xF5, 0x80, 0x80, 0x80], "one that UTF-8 never uses"),
      ([0xE2, 0x82], "the start of a character that the text breaks off"),
      ([0xF0], "the start of a character that the text breaks off"),
      ([0xE2, 0x82, 0x41], "the start of a character that is cut short"),
      ([0xE2, 0x41], "the start of a character, but 0x41 follows"),
      ([0xFF, 0xFE, 0x61, 0x00], "one that UTF-8 never uses"),
    ] as [([UInt8], String)])
  func reasons(_ bytes: [UInt8], _ reason: String) throws {
    let error = try #require(failure(bytes))
    #expect(error.byteOffset == 0)
    #expect(error.reason == reason)
  }

  @Test func theStandardLibraryAgrees() {
    var generator = TestGenerator(state: 6)
    for _ in 0..<3000 {
      let bytes = generator.bytes(upTo: 10)
      #expect((failure(bytes) == nil) == (String(validating: bytes, as: UTF8.self) != nil))
    }
  }

  @Test func utf16IsNamed() throws {
    let error = try #require(failure([0xFF, 0xFE, 0x61, 0x00]))
    #expect("\(error)".hasSuffix("; the text looks like UTF-16"))
  }
}
