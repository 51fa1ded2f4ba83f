import ReelTensor
import ReelTestSupport
import Testing

/// Settings of a pooling over any number of axes.
struct PoolingCase: Sendable, CustomTestStringConvertible {
  var shape: [Int]  // [batch, channel, size…]
  var window: [Int]
  var stride: [Int]
  var padding: [AxisPadding] = [AxisPadding()]
  var dilation: [Int] = [1]
  var roundsUp = false

  var testDescription: String {
    "\(shape), window \(window), stride \(stride), padding \(padding), dilation \(dilation), "
      + "rounds up \(roundsUp)"
  }

  /// The oracle's settings.
  var exact: PoolingSettings {
    let axes = shape.count - 2
    func all<T>(_ list: [T]) -> [T] {
      list.count == 1 ? Array(repeating: list[0], count: axes) : list
    }
    return PoolingSettings(
      window: all(window), stride: all(stride), before: all(padding).map(\.before),
      after: all(padding).map(\.after), dilation: all(dilation), roundsUp: roundsUp)
  }

  static let all: [PoolingCase] = [
    PoolingCase(shape: [2, 3, 9], window: [2], stride: [2]),
    PoolingCase(shape: [2, 5, 8], window: [3], stride: [2], padding: [AxisPadding(before: 1)]),
    PoolingCase(shape: [2, 3, 6, 8], window: [2], stride: [2]),
    PoolingCase(shape: [2, 17, 7, 9], window: [2], stride: [2]),
    PoolingCase(shape: [1, 70, 7, 7], window: [3], stride: [2]),
    PoolingCase(shape: [2, 16, 8, 9], window: [3], stride: [2], roundsUp: true),
    PoolingCase(
      shape: [2, 17, 7, 6], window: [3, 2], stride: [2, 1],
      padding: [AxisPadding(before: 1, after: 1), AxisPadding(before: 0, after: 1)]),
    PoolingCase(
      shape: [1, 4, 10, 10], window: [3], stride: [3], padding: [AxisPadding(before: 1, after: 1)],
      roundsUp: true),
    PoolingCase(shape: [2, 3, 5, 5], window: [2], stride: [3], roundsUp: true),
    PoolingCase(shape: [1, 2, 2, 4], window: [3], stride: [2], roundsUp: true),
    PoolingCase(shape: [0, 3, 6, 6], window: [2], stride: [2]),
    PoolingCase(shape: [3, 130, 1, 1], window: [1], stride: [1]),
    PoolingCase(shape: [2, 3, 4, 6, 5], window: [2, 3, 2], stride: [2, 1, 3]),
    PoolingCase(
      shape: [1, 9, 3, 4, 4], window: [2], stride: [1],
      padding: [AxisPadding(before: 1, after: 1)]),
  ]

  static let dilated: [PoolingCase] = [
    PoolingCase(shape: [2, 3, 11], window: [3], stride: [1], dilation: [3]),
    PoolingCase(
      shape: [2, 5, 9, 8], window: [2, 3], stride: [2], padding: [AxisPadding(before: 1, after: 2)],
      dilation: [3, 2]),
    PoolingCase(shape: [2, 5, 9, 8], window: [2], stride: [3], dilation: [2], roundsUp: true),
  ]
}

/// Values that are all different, so that small steps change no maximum.
func distinct(_ shape: [Int], _ seed: UInt64) -> Tensor {
  var random = TestRandom(seed)
  let count = shape.reduce(1, *)
  let values = (0..<count).map { Float($0 - count / 2) * 0.01 + 0.003 }.shuffled(using: &random)
  return Tensor(shape: shape, values: values)
}
