import ReelText
import Testing

@Suite struct NormalizerPrecompiledMapTests {
  /// A trie with the one key "A", whose value is `value`, and replacements.
  private func map(value: UInt32, _ replacements: String) -> [UInt8] {
    // The root's children lie around 256, the one for "A" at 256 ^ 0x41; its value at 512.
    var units = [UInt32](repeating: 0, count: 768)
    units[0] = 256 << 10
    units[256 ^ 0x41] = UInt32((256 ^ 0x41) ^ 512) << 10 | 1 << 8 | 0x41
    units[512] = value | 1 << 31
    let size = UInt32(units.count * 4)
    return ([size] + units).flatMap { unit in (0..<4).map { UInt8(unit >> ($0 * 8) & 0xFF) } }
      + Array(replacements.utf8)
  }

  @Test func replacesWhatItNames() throws {
    let normalizer = Normalizer.precompiled(try PrecompiledMap(map(value: 2, "x\u{0}é!\u{0}")))
    var text = AlignedText("bAc")
    normalizer.apply(to: &text)
    #expect(text.text == "bé!c")
    #expect(NormalizerTests.scalarRanges(text) == [0..<1, 1..<2, 1..<2, 2..<3])
  }

  @Test func anEmptyReplacementRemoves() throws {
    let normalizer = Normalizer.precompiled(try PrecompiledMap(map(value: 1, "x\u{0}\u{0}")))
    #expect(normalizer.normalized("bAAc") == "bc")
  }

  @Test func damagedMapsAreRefused() {
    let good = map(value: 0, "é\u{0}")
    #expect(errorText { _ = try PrecompiledMap([1, 2]) }.contains("2 bytes, expected at least 4"))
    #expect(
      errorText { _ = try PrecompiledMap(Array(good.prefix(100))) }
        .contains("a trie of 3072 bytes, expected a multiple of 4 that fits into the 96 bytes"))
    #expect(
      errorText { _ = try PrecompiledMap(map(value: 9, "é\u{0}")) }
        .contains("points to byte 9 of its replacements"))
    #expect(errorText { _ = try PrecompiledMap(map(value: 1, "é\u{0}")) }.contains("byte 1"))
    #expect(errorText { _ = try PrecompiledMap(good + [0xFF]) }.contains("not UTF-8: byte 0xFF"))
    #expect(errorText { _ = try PrecompiledMap(good) } == "")
  }

  /// Tries of random numbers: a search may find nothing, but must end within the array.
  @Test func randomTriesAreSearchedSafely() {
    var generator = TestGenerator(state: 41)
    var read = 0
    for _ in 0..<300 {
      var bytes: [UInt8] = [64, 0, 0, 0]
      for _ in 0..<16 {
        let unit = UInt32.random(in: 0...0x1FFF, using: &generator)
        bytes += (0..<4).map { UInt8(unit >> ($0 * 8) & 0xFF) }
      }
      guard let map = try? PrecompiledMap(bytes + Array("replacement\u{0}".utf8)) else { continue }
      read += 1
      for sample in TextSamples.all { _ = Normalizer.precompiled(map).normalized(sample) }
    }
    #expect(read > 200)
  }
}
