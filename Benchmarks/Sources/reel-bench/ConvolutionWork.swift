import Reel

/// One convolution over images, padded to the same size: forward, or with the gradients in input,
/// weight and bias. `peers/pytorch_convolution.py` does the same; both must stay equal.
struct ConvolutionWork: TimedWork {
  let task: Workload.Task
  /// Input channels, output channels, side of the kernel, side of the image.
  let sizes: [Int]
  let batch: Int
  private let layer: Convolution2D
  private let images: FeatureMaps
  /// The images' values as the layers hand them on.
  private let values: Tensor

  init(task: Workload.Task, sizes: [Int], batch: Int) throws {
    self.task = task
    self.sizes = sizes
    self.batch = batch
    var generator = RandomGenerator(seed: 1)
    layer = try Convolution2D(
      sizes[0], sizes[1], kernel: sizes[2], padding: .same, using: &generator)
    let shape = [batch, sizes[0], sizes[3], sizes[3]]
    let count = shape.reduce(1, *)
    images = FeatureMaps(
      Tensor(shape: shape, values: (0..<count).map { Float($0 % 23) / 23 - 0.5 }))
    var values = Tensor(0)
    _ = images.mapPositions { positions in
      values = positions
      return positions
    }
    self.values = values
  }

  var units: Int { 1 }

  var operations: Double {
    let forward = 2 * batch * sizes[3] * sizes[3] * sizes[1] * sizes[0] * sizes[2] * sizes[2]
    return Double(forward) * (task == .train ? 3 : 1)
  }

  func repeatOnce() {
    guard task == .train else {
      _ = layer(images)
      return
    }
    var parameters = layer.parameters.map(\.tensor)
    parameters.append(values)
    _ = valueAndGradient(at: parameters) { watched in
      var layer = layer
      var next = 0
      layer.updateParameters { _, parameter in
        parameter = watched[next]
        next += 1
      }
      var sum = Tensor(0)
      _ = layer(images.mapPositions { _ in watched[next] }).mapPositions { output in
        sum = output.sum()
        return output
      }
      return sum
    }
  }
}
