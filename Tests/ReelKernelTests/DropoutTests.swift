import CReelKernels
import Testing

/// Dropout masks, and through them the words of Philox4x32-10.
@Suite struct DropoutTests {
  /// The plain generator, one block of four words.
  static func philox(counter: [UInt32], key: [UInt32]) -> [UInt32] {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let p0 = c[0].multipliedFullWidth(by: 0xD251_1F53)
      let p1 = c[2].multipliedFullWidth(by: 0xCD9E_8D57)
      c = [p1.high ^ c[1] ^ k[0], p1.low, p0.high ^ c[3] ^ k[1], p0.low]
      k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
    }
    return c
  }

  static func word(_ i: Int, seed: UInt64, stream: UInt64, firstBlock: UInt64) -> UInt32 {
    let block = firstBlock &+ UInt64(i / 4)
    return philox(
      counter: [
        UInt32(truncatingIfNeeded: block), UInt32(block >> 32),
        UInt32(truncatingIfNeeded: stream), UInt32(stream >> 32),
      ], key: [UInt32(truncatingIfNeeded: seed), UInt32(seed >> 32)])[i % 4]
  }

  struct KnownAnswer {
    var counter: [UInt32]
    var key: [UInt32]
    var words: [UInt32]
  }

  /// The known answers that come with Random123 (kat_vectors, philox4x32 10).
  static let knownAnswers = [
    KnownAnswer(
      counter: [0, 0, 0, 0], key: [0, 0],
      words: [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]),
    KnownAnswer(
      counter: [.max, .max, .max, .max], key: [.max, .max],
      words: [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]),
    KnownAnswer(
      counter: [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
      key: [0xa409_3822, 0x299f_31d0],
      words: [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]),
  ]

  static func wide(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(high) << 32 | UInt64(low) }

  /// A word is kept exactly up to the probability word/2³²: each known word is found again to the
  /// 24 bits that a probability can tell apart.
  @Test(arguments: KernelSet.available)
  func knownAnswers(_ set: KernelSet) {
    for answer in Self.knownAnswers {
      #expect(Self.philox(counter: answer.counter, key: answer.key) == answer.words)
      for (index, word) in answer.words.enumerated() {
        let below = Float(word >> 8) / 16_777_216
        for (probability, kept) in [(below, true), (below.nextUp, false)] {
          var mask = [Float](repeating: .nan, count: 4)
          set.kernels.dropout_mask(
            4, probability, Self.wide(answer.key[0], answer.key[1]),
            Self.wide(answer.counter[2], answer.counter[3]),
            Self.wide(answer.counter[0], answer.counter[1]), &mask)
          let exactlyKept = Double(word) >= Double(probability) * 4_294_967_296
          #expect((mask[index] != 0) == exactlyKept)
          #expect(kept ? exactlyKept : true)
        }
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func masksFollowTheStream(_ set: KernelSet) {
    let (seed, stream, first): (UInt64, UInt64, UInt64) = (
      0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0xffff_fffa
    )
    for n in [0, 1, 3, 4, 5, 31, 63, 64, 65, 130] {
      for probability in [Float(0), 0.25, 0.5, 0.9] {
        var mask = [Float](repeating: .nan, count: n + 1)
        set.kernels.dropout_mask(n, probability, seed, stream, first, &mask)
        #expect(mask[n].isNaN)
        let factor = 1 / (1 - probability)
        let expected = (0..<n).map { i in
          let word = Self.word(i, seed: seed, stream: stream, firstBlock: first)
          return Double(word) >= Double(probability) * 4_294_967_296 ? factor : 0
        }
        #expect(Array(mask[..<n]) == expected, "\(set.name) n \(n) p \(probability)")
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func fractions(_ set: KernelSet) {
    let n = 100_000
    for probability in [Float(0.1), 0.5, 0.8] {
      var mask = [Float](repeating: .nan, count: n)
      set.kernels.dropout_mask(n, probability, 7, 3, 0, &mask)
      let dropped = Float(mask.filter { $0 == 0 }.count) / Float(n)
      #expect(abs(dropped - probability) < 0.006)
    }
    var mask = [Float](repeating: .nan, count: 50)
    set.kernels.dropout_mask(50, 1, 7, 3, 0, &mask)
    #expect(mask.allSatisfy { $0 == 0 })
    set.kernels.dropout_mask(50, 0, 7, 3, 0, &mask)
    #expect(mask.allSatisfy { $0 == 1 })
  }
}
