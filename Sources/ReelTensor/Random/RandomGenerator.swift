import CReelKernels
import Foundation

/// A seeded, counter-based source of random numbers: Philox4x32-10 (Salmon, Moraes, Dror and Shaw
/// 2011, "Parallel random numbers: as easy as 1, 2, 3").
///
/// Word number i is a function of (seed, stream, i) alone, so a generator is a value: a copy
/// continues the same numbers, `Codable` saves the position, and any part of the stream can be made
/// on any thread.
public struct RandomGenerator: RandomNumberGenerator, Sendable, Codable, Equatable {
  public let seed: UInt64
  public let stream: UInt64
  /// The 32-bit word that comes next.
  public private(set) var position: UInt64 = 0

  public init(seed: UInt64, stream: UInt64 = 0) {
    self.seed = seed
    self.stream = stream
  }

  /// Two words of the stream.
  public mutating func next() -> UInt64 {
    let low = nextWord()
    let high = nextWord()
    return UInt64(high) << 32 | UInt64(low)
  }

  mutating func nextWord() -> UInt32 {
    let block = Self.block(seed: seed, stream: stream, index: position / 4)
    let word = block[Int(position % 4)]
    position += 1
    return word
  }

  /// A generator of its own, independent of what this one yields from here on.
  public mutating func split() -> RandomGenerator {
    RandomGenerator(seed: next(), stream: stream &+ 1)
  }

  /// Sets `count` words aside from the start of a block; returns that block.
  package mutating func reserve(words count: Int) -> UInt64 {
    let first = (position + 3) / 4
    position = (first + UInt64((count + 3) / 4)) * 4
    return first
  }

  /// The four words with counter (index, stream) and key `seed`.
  package static func block(seed: UInt64, stream: UInt64, index: UInt64) -> SIMD4<UInt32> {
    var x0 = UInt32(truncatingIfNeeded: index)
    var x1 = UInt32(truncatingIfNeeded: index >> 32)
    var x2 = UInt32(truncatingIfNeeded: stream)
    var x3 = UInt32(truncatingIfNeeded: stream >> 32)
    var key0 = UInt32(truncatingIfNeeded: seed)
    var key1 = UInt32(truncatingIfNeeded: seed >> 32)
    for _ in 0..<10 {
      let product0 = UInt64(x0) &* 0xD251_1F53
      let product1 = UInt64(x2) &* 0xCD9E_8D57
      let y0 = UInt32(truncatingIfNeeded: product1 >> 32) ^ x1 ^ key0
      let y2 = UInt32(truncatingIfNeeded: product0 >> 32) ^ x3 ^ key1
      x1 = UInt32(truncatingIfNeeded: product1)
      x3 = UInt32(truncatingIfNeeded: product0)
      x0 = y0
      x2 = y2
      key0 &+= 0x9E37_79B9
      key1 &+= 0xBB67_AE85
    }
    return SIMD4(x0, x1, x2, x3)
  }
}

extension RandomGenerator {
  /// A number in [0, 1), a multiple of 2⁻²⁴.
  public mutating func uniform() -> Float { Float(nextWord() >> 8) * 0x1p-24 }

  /// A number in [0, 1), a multiple of 2⁻⁵³.
  public mutating func uniformDouble() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A tensor of independent numbers, uniform in `range`.
  public mutating func uniform(shape: [Int], in range: ClosedRange<Float>) -> Tensor {
    let width = range.upperBound - range.lowerBound
    return Tensor.build(shape: shape) { values in
      for index in values.indices { values[index] = range.lowerBound + width * uniform() }
    }
  }

  /// A tensor of independent normal numbers (Box and Muller 1958).
  public mutating func normal(shape: [Int], mean: Float = 0, deviation: Float = 1) -> Tensor {
    Tensor.build(shape: shape) { values in
      for index in stride(from: 0, to: values.count, by: 2) {
        // 1 − u is in (0, 1], so its logarithm is finite.
        let radius = (-2 * log(1 - uniformDouble())).squareRoot()
        let angle = 2 * Double.pi * uniformDouble()
        values[index] = mean + deviation * Float(radius * cos(angle))
        if index + 1 < values.count {
          values[index + 1] = mean + deviation * Float(radius * sin(angle))
        }
      }
    }
  }

  /// The numbers 0..<count in random order (Fisher and Yates; Durstenfeld 1964).
  public mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    order.shuffle(using: &self)
    return order
  }

  /// Factors for inverted dropout: 0 with the given probability, else 1/(1 − probability).
  public mutating func dropoutMask(shape: [Int], probability: Float) -> Tensor {
    precondition(
      probability >= 0 && probability < 1,
      "dropout probability \(probability), expected at least 0 and below 1")
    return Tensor.build(shape: shape) { values in
      let first = reserve(words: values.count)
      let target = Shared(values)
      let (seed, stream) = (seed, stream)
      Threads.forEachRange(of: values.count, size: 1 << 16) { range in
        kernels.dropout_mask(
          range.count, probability, seed, stream, first + UInt64(range.lowerBound / 4),
          target.pointer.baseAddress! + range.lowerBound)
      }
    }
  }
}
