import ReelTensor

extension PNGImage {
  /// The samples as numbers 0…1, [channel, height, width].
  public var tensor: Tensor {
    let planes = planarBytes
    return Tensor(shape: [channels.count, height, width], values: planes.map { Float($0) / 255 })
  }

  /// The samples channel after channel, [channel, height, width].
  public var planarBytes: [UInt8] {
    let count = channels.count
    guard count > 1 else { return bytes }
    let size = width * height
    return [UInt8](unsafeUninitializedCapacity: bytes.count) { target, initialized in
      bytes.withUnsafeBufferPointer { source in
        for channel in 0..<count {
          for place in 0..<size {
            target[channel * size + place] = source[place * count + channel]
          }
        }
      }
      initialized = bytes.count
    }
  }

  /// An image of numbers 0…1, [channel, height, width] of 1 to 4 channels, as `tensor` gives them;
  /// what lies outside is brought to 0 or 1, no number to 0.
  public init(_ tensor: Tensor) {
    precondition(
      tensor.rank == 3 && tensor.count > 0,
      "PNGImage: shape \(tensor.shape) came, [channel, height, width] is expected")
    self.init(
      planarBytes: tensor.values.map { $0 > 0 ? UInt8((min($0, 1) * 255).rounded()) : 0 },
      channels: tensor.shape[0], height: tensor.shape[1], width: tensor.shape[2])
  }

  /// An image of bytes channel after channel, [channel, height, width] of 1 to 4 channels.
  public init(planarBytes: [UInt8], channels: Int, height: Int, width: Int) {
    guard let kind = Channels(rawValue: channels) else {
      preconditionFailure("PNGImage: \(channels) channels came, 1 to 4 are expected")
    }
    let size = height * width
    precondition(
      planarBytes.count == channels * size,
      "PNGImage: \(planarBytes.count) bytes came for \(channels) by \(height) by \(width)")
    var bytes = planarBytes
    if channels > 1 {
      for channel in 0..<channels {
        for place in 0..<size {
          bytes[place * channels + channel] = planarBytes[channel * size + place]
        }
      }
    }
    self.init(width: width, height: height, channels: kind, bytes: bytes)
  }
}
