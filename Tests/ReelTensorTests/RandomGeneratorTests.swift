import Foundation
import ReelTensor
import ReelTestSupport
import Testing

@Suite struct RandomGeneratorTests {
  /// Known answers of Philox4x32-10, from the file kat_vectors of Random123 (Salmon et al. 2011).
  @Test func knownAnswers() {
    #expect(
      RandomGenerator.block(seed: 0, stream: 0, index: 0)
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      RandomGenerator.block(seed: .max, stream: .max, index: .max)
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    // Counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0.
    #expect(
      RandomGenerator.block(
        seed: 0x299f_31d0_a409_3822, stream: 0x0370_7344_1319_8a2e, index: 0x85a3_08d3_243f_6a88)
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  @Test func numbersComeFromTheBlocksInOrder() {
    var generator = RandomGenerator(seed: 77, stream: 3)
    let words = (0..<5 as Range<UInt64>).flatMap { block in
      let four = RandomGenerator.block(seed: 77, stream: 3, index: block)
      return (0..<4).map { four[$0] }
    }
    for pair in 0..<10 {
      #expect(generator.next() == UInt64(words[2 * pair + 1]) << 32 | UInt64(words[2 * pair]))
    }
    #expect(generator.position == 20)
    generator = RandomGenerator(seed: 77, stream: 3)
    for word in words { #expect(generator.uniform() == Float(word >> 8) / 16_777_216) }
  }

  /// Not a bit of a stream may change between versions: saved runs depend on it.
  @Test func sameSeedSameNumbers() {
    var (a, b) = (RandomGenerator(seed: 1), RandomGenerator(seed: 1))
    #expect(a.normal(shape: [7]) == b.normal(shape: [7]))
    #expect(a.permutation(of: 50) == b.permutation(of: 50))
    #expect(
      a.dropoutMask(shape: [9], probability: 0.5) == b.dropoutMask(shape: [9], probability: 0.5))
    #expect(a.split() == b.split())
    #expect(a == b)
    var c = RandomGenerator(seed: 2)
    #expect(c.uniform(shape: [4], in: 0...1) != a.uniform(shape: [4], in: 0...1))
  }

  @Test func aSavedGeneratorGoesOn() throws {
    var generator = RandomGenerator(seed: .max - 3, stream: .max)
    for skipped in 0..<9 {
      _ = generator.uniform()
      let data = try JSONEncoder().encode(generator)
      var restored = try JSONDecoder().decode(RandomGenerator.self, from: data)
      #expect(restored == generator, "after \(skipped + 1) words")
      var straight = generator
      #expect(restored.normal(shape: [5]) == straight.normal(shape: [5]))
      #expect(restored.next() == straight.next())
      #expect(restored.permutation(of: 9) == straight.permutation(of: 9))
    }
  }

  @Test func aCopyIsASnapshot() {
    var generator = RandomGenerator(seed: 4)
    _ = generator.next()
    var copy = generator
    let ahead = (0..<10).map { _ in generator.next() }
    #expect((0..<10).map { _ in copy.next() } == ahead)
  }

  @Test func childrenAreIndependent() {
    var parent = RandomGenerator(seed: 9)
    var generators = [parent.split(), parent.split(), parent.split(), parent]
    var grandchild = generators[0].split()
    generators.append(RandomGenerator(seed: 9))
    generators.append(grandchild.split())
    generators.append(grandchild)
    let streams = generators.map { generator in
      var generator = generator
      return (0..<4000).map { _ in generator.uniformDouble() - 0.5 }
    }
    for first in streams.indices {
      for second in 0..<first {
        let correlation =
          zip(streams[first], streams[second]).reduce(0) { $0 + $1.0 * $1.1 } / 4000 * 12
        // Standard deviation 1/√4000 = 0.016.
        #expect(abs(correlation) < 0.08, "streams \(first) and \(second)")
      }
    }
    // The seed alone and its first child have nothing in common, nor do two streams of one seed.
    var words = Set<UInt64>()
    for generator in generators {
      var generator = generator
      for _ in 0..<1000 { words.insert(generator.next()) }
    }
    // The parent after its splits and the fresh generator of its seed overlap, the others do not.
    #expect(words.count == 6003)
  }

  @Test func momentsOfTheUniform() {
    var generator = RandomGenerator(seed: 10)
    let values = generator.uniform(shape: [200_000], in: -1...3).values.map(Double.init)
    #expect(values.allSatisfy { $0 >= -1 && $0 <= 3 })
    let mean = values.reduce(0, +) / 200_000
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 200_000
    #expect(abs(mean - 1) < 0.015)
    #expect(abs(variance - 16.0 / 12) < 0.02)
    var bins = [Int](repeating: 0, count: 16)
    for _ in 0..<160_000 { bins[Int(generator.uniform() * 16)] += 1 }
    // Chi-square with 15 degrees of freedom: above 44 once in ten thousand.
    #expect(bins.reduce(0) { $0 + Double(($1 - 10_000) * ($1 - 10_000)) / 10_000 } < 44)
    #expect((0..<100_000).allSatisfy { _ in generator.uniform() < 1 })
  }

  @Test func momentsOfTheNormal() {
    var generator = RandomGenerator(seed: 11)
    let values = generator.normal(shape: [200_001], mean: 2, deviation: 3).values
      .map { (Double($0) - 2) / 3 }
    func moment(_ power: Int) -> Double {
      values.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * x } }
        / Double(values.count)
    }
    #expect(abs(moment(1)) < 0.012)
    #expect(abs(moment(2) - 1) < 0.016)
    #expect(abs(moment(3)) < 0.04)
    #expect(abs(moment(4) - 3) < 0.12)
    let beyond = values.filter { abs($0) > 3 }.count
    #expect((450...640).contains(beyond))  // 0.27 % of 200,001 is 540
    #expect(values.allSatisfy { $0.isFinite })
    let pairs = stride(from: 0, to: 200_000, by: 2).reduce(0.0) { $0 + values[$1] * values[$1 + 1] }
    #expect(abs(pairs / 100_000) < 0.016)
  }

  @Test(arguments: [0, 1, 2, 5, 1000]) func permutation(count: Int) {
    var generator = RandomGenerator(seed: 12)
    let order = generator.permutation(of: count)
    #expect(order.sorted() == Array(0..<count))
    if count == 1000 { #expect(order != Array(0..<count)) }
  }

  @Test func everyPermutationIsEquallyLikely() {
    var generator = RandomGenerator(seed: 13)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<24_000 { counts[generator.permutation(of: 4), default: 0] += 1 }
    #expect(counts.count == 24)
    // Chi-square with 23 degrees of freedom: above 56 once in ten thousand.
    let chiSquare = counts.values.reduce(0) { $0 + ($1 - 1000) * ($1 - 1000) }
    #expect(chiSquare < 56_000)
  }
}
