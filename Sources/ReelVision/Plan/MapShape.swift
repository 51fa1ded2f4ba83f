/// The shape of one item between layers: maps [channel, height, width], or a vector [value].
struct MapShape: Sendable, Equatable, CustomStringConvertible {
  var channels: Int
  /// [height, width]; empty for a vector.
  var size: [Int]

  init(channels: Int, size: [Int] = []) { (self.channels, self.size) = (channels, size) }

  init(_ shape: [Int]) { self.init(channels: shape[0], size: Array(shape[1...])) }

  var isVector: Bool { size.isEmpty }
  var positions: Int { size.reduce(1, *) }
  var shape: [Int] { [channels] + size }
  var description: String { shape.map(String.init).joined(separator: "×") }
}

/// The part of the image that one value depends on, on each axis: its length, and how far the parts
/// of two neighbouring values lie from each other. It does not end where the image ends.
struct ReceptiveField: Sendable, Equatable {
  var length: [Double]
  var step: [Double]

  static let pixel = ReceptiveField(length: [1, 1], step: [1, 1])

  /// Of a window over such values.
  func under(kernel: [Int], stride: [Int], dilation: [Int] = [1, 1]) -> ReceptiveField {
    var result = self
    for axis in 0..<2 {
      result.length[axis] += Double((kernel[axis] - 1) * dilation[axis]) * step[axis]
      result.step[axis] *= Double(stride[axis])
    }
    return result
  }

  /// Of all values of maps of `size`.
  func overAll(_ size: [Int]) -> ReceptiveField {
    size.isEmpty ? self : under(kernel: size, stride: [1, 1])
  }

  /// Of values between which `stride` − 1 new ones stand, each from `reach` of these.
  func spread(by stride: [Int], reach: [Int]) -> ReceptiveField {
    var result = under(kernel: reach, stride: [1, 1])
    for axis in 0..<2 { result.step[axis] /= Double(stride[axis]) }
    return result
  }

  /// Of values that depend on both.
  func joined(with other: ReceptiveField) -> ReceptiveField {
    var result = self
    for axis in 0..<2 { result.length[axis] = max(length[axis], other.length[axis]) }
    return result
  }

  /// Rounded up to whole pixels, [height, width].
  var pixels: [Int] { length.map { Int($0.rounded(.up)) } }
}
