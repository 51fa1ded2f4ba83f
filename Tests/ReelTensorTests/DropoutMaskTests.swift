import ReelTensor
import ReelTestSupport
import Testing

@Suite struct DropoutMaskTests {
  /// The mask is what one word after the other of the stream says, from the next whole block on,
  /// wherever the stream stands.
  @Test(arguments: [0, 1, 2, 3, 4, 5, 63, 65_537])
  func equalsTheWordsOfTheStream(skipped: Int) {
    for (count, probability) in [
      (0, 0.5), (1, 0.5), (3, 0.1), (4, 0.9), (31, 0.25), (1000, 0.0), (140_003, 0.3),
    ] as [(Int, Float)] {
      var generator = RandomGenerator(seed: 0x1234_5678_9abc_def0, stream: 0xfedc_ba98_7654_3210)
      for _ in 0..<skipped { _ = generator.uniform() }
      let first = (generator.position + 3) / 4
      let mask = generator.dropoutMask(shape: [count], probability: probability)
      let kept = 1 / (1 - probability)
      var block = SIMD4<UInt32>()
      var wrong = 0
      for (index, value) in mask.values.enumerated() {
        if index % 4 == 0 {
          block = RandomGenerator.block(
            seed: generator.seed, stream: generator.stream, index: first + UInt64(index / 4))
        }
        let keeps = Double(block[index % 4]) >= Double(probability) * 0x1p32
        if value != (keeps ? kept : 0) { wrong += 1 }
      }
      #expect(wrong == 0, "count \(count), probability \(probability)")
      #expect(generator.position == (first + UInt64((count + 3) / 4)) * 4)
    }
  }

  @Test func twoMasksOfOneGeneratorDiffer() {
    var generator = RandomGenerator(seed: 1)
    let first = generator.dropoutMask(shape: [64], probability: 0.5)
    #expect(first != generator.dropoutMask(shape: [64], probability: 0.5))
  }

  @Test(arguments: [0.1, 0.5, 0.9] as [Float]) func keepsTheMean(probability: Float) {
    var generator = RandomGenerator(seed: 2)
    let mask = generator.dropoutMask(shape: [100_000], probability: probability)
    let zeros = mask.values.filter { $0 == 0 }.count
    #expect(abs(Float(zeros) / 100_000 - probability) < 0.006)
    #expect(abs(mask.mean().scalar - 1) < 0.05)
  }

  @Test func aProbabilityOutsideTheRangeEndsTheProgram() async {
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      _ = generator.dropoutMask(shape: [1], probability: 1)
    }
    await #expect(processExitsWith: .failure) {
      var generator = RandomGenerator(seed: 1)
      _ = generator.dropoutMask(shape: [1], probability: .nan)
    }
  }
}
