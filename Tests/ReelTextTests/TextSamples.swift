/// Texts that text code gets wrong.
enum TextSamples {
  static let all: [String] = [
    "", "a", "The cats were full.\n", "line\r\nline\rline\n\r\n",
    "cafe\u{301} is not caf\u{E9}", "o\u{323}\u{302}\u{301} stacked",
    "1\u{FE0F}\u{20E3} keycap, \u{1F469}\u{1F3FD}\u{200D}\u{1F680} rocket, \u{1F1EE}\u{1F1F3} flag",
    "हिन्दी में क्षत्रिय", "ภาษาไทยน้ำใจ", "русский текст", "日本語の文", "한국어 \u{1112}\u{1161}\u{11AB}",
    "עברית \u{5E9}\u{5C1}", "\u{212A} is kelvin, K is a letter", "\u{0}null\u{7F}\u{80}\u{9F}",
    "quotes \" and \\ and / and \u{8}\u{C}\t", "\u{FFFD}\u{FEFF}\u{10FFFF}\u{E000}",
  ]

  /// The texts as one, so that a vocabulary can be learned from them.
  static var joined: String { all.joined(separator: "\n") }
}

/// A small generator for tests: the same numbers in every run.
struct TestGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    // SplitMix64 (Steele, Lea and Flood 2014).
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func bytes(upTo limit: Int) -> [UInt8] {
    // Half of them from the bytes that begin or continue a character, so that many nearly fit.
    (0..<Int.random(in: 0...limit, using: &self)).map { _ in
      Bool.random(using: &self)
        ? UInt8.random(in: 0...255, using: &self)
        : [0x80, 0x9F, 0xA0, 0xBF, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0x41].randomElement(using: &self)
          ?? 0
    }
  }

  mutating func text(upTo limit: Int) -> String {
    var scalars = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...limit, using: &self) {
      let bound: UInt32 = [0x80, 0x800, 0x1_0000, 0x11_0000].randomElement(using: &self) ?? 0x80
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<bound, using: &self)) {
        scalars.append(scalar)
      }
    }
    return String(scalars)
  }
}

/// The scalar values of a text; Swift's `==` on strings is too lenient for these tests.
func scalars(_ text: String) -> [UInt32] {
  text.unicodeScalars.map(\.value)
}

/// What `body` throws, as text; an empty string where it throws nothing.
func errorText(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}
