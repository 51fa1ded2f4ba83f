import ReelLayers
import ReelSequence
import ReelTensor
import Testing

/// What a network keeps alive. The statistics are those of the process, so each test has one of its
/// own.
@Suite struct TCNMemoryTests {
  /// A forward pass with nobody watching holds the input and the output of the layer at work, and
  /// little else: two layers, and the weights of all, as tiles of 32 meet them.
  @Test func anUnwatchedForwardPassKeepsTwoLayers() async {
    await #expect(processExitsWith: .success) {
      var generator = RandomGenerator(seed: 1)
      let network = TCN(
        inputSize: 32, channels: [Int](repeating: 32, count: 6), using: &generator)
      // 2^21 bytes are a size class of the pool: no rounding in the count.
      let input = Sequences(generator.normal(shape: [16, 1024, 32]))
      let layer = 16 * 1024 * 32 * 4
      for threads in [1, 2] {
        Threads.with(threads) {
          _ = network.output(of: input)
          _ = network.lastOutput(of: input)
          MemoryPool.resetPeak()
          let before = MemoryPool.statistics.bytesInUse
          _ = network.output(of: input)
          _ = network.lastOutput(of: input)
          // The caller's input is a layer by itself; beside it and the two, scratch of each thread.
          let peak = MemoryPool.statistics.peakBytes - before
          let weights = 12 * 47 * 32 * 32 * 4
          #expect(
            peak <= 2 * layer + weights + (threads + 1) << 20,
            "\(peak) for layers of \(layer) bytes")
        }
      }
    }
  }

  /// The same with channels enough for rows, whose last sum takes the place of the block's input.
  @Test func aWideUnwatchedForwardPassKeepsTwoLayers() async {
    await #expect(processExitsWith: .success) {
      var generator = RandomGenerator(seed: 1)
      let network = TCN(
        inputSize: 128, channels: [Int](repeating: 128, count: 6), using: &generator)
      let input = Sequences(generator.normal(shape: [16, 1024, 128]))
      let layer = 16 * 1024 * 128 * 4
      Threads.with(2) {
        _ = network.output(of: input)
        _ = network.lastOutput(of: input)
        MemoryPool.resetPeak()
        let before = MemoryPool.statistics.bytesInUse
        _ = network.output(of: input)
        _ = network.lastOutput(of: input)
        let peak = MemoryPool.statistics.peakBytes - before
        // Scratch of each thread, and the weights' points.
        #expect(peak <= 2 * layer + 8 << 20, "\(peak) for layers of \(layer) bytes")
      }
    }
  }

  /// A training step that scores the last output keeps, of each block, what is left of its input and its hidden
  /// values, and a byte for each of these and of its output; not the outputs that are subsampled.
  @Test func aTrainingStepOfTheLastOutputKeepsWhatIsRead() async {
    await #expect(processExitsWith: .success) {
      var generator = RandomGenerator(seed: 1)
      let network = TCN(
        inputSize: 32, channels: [Int](repeating: 32, count: 6), kernelSize: 7, using: &generator)
      let input = Sequences(generator.normal(shape: [21, 700, 32]))
      let layer = 21 * 700 * 32 * 4
      func step() {
        _ = valueAndGradient(of: network) { $0.lastOutput(of: input).squared().sum() }
      }
      Threads.with(1) {
        step()
        MemoryPool.resetPeak()
        let before = MemoryPool.statistics.bytesInUse
        step()
        let peak = MemoryPool.statistics.peakBytes - before
        // Blocks have 1, 1/2, 1/4, … of the steps, two layers in all: five are kept, and the pool rounds up. With all
        // outputs kept as well it would be 8.2.
        #expect(peak <= 39 * layer / 5, "\(Double(peak) / Double(layer)) layers")
      }
    }
  }

  @Test func aWarmTrainingStepMakesNoNewBuffer() async {
    await #expect(processExitsWith: .success) {
      var generator = RandomGenerator(seed: 1)
      let network = TCN(
        inputSize: 3, channels: [24, 24, 10], kernelSize: 3, dropout: 0.1, using: &generator)
      let input = Sequences(
        generator.normal(shape: [9, 70, 3]), lengths: (0..<9).map { 70 - 6 * $0 })
      var state: TCN.State?
      func step() {
        let (_, next, _) = valueAndGradient(of: network) { network in
          var dropout: RandomGenerator? = RandomGenerator(seed: 2)
          let (output, state) = network(input, state: state, using: &dropout)
          return (output.padded().squared().sum(), state)
        }
        state = next
      }
      for threads in [1, 2] {
        Threads.with(threads) {
          for _ in 0..<4 { step() }
          var before = MemoryPool.statistics
          var after = before
          for _ in 0..<10 {
            before = MemoryPool.statistics
            for _ in 0..<10 { step() }
            after = MemoryPool.statistics
            if after.bufferAllocations == before.bufferAllocations { break }
          }
          #expect(after.bufferAllocations == before.bufferAllocations, "\(threads) threads")
          #expect(after.bytesInUse == before.bytesInUse, "\(threads) threads")
        }
      }
    }
  }
}
