import ReelLayers
import ReelTensor

/// The exponential moving average of all parameters of a module (Polyak and Juditsky 1992 for
/// averaging; Szegedy et al. 2016 for this form). The averaged model often predicts better than the
/// last one, whose weights still swing with every batch.
///
/// With a the average, w the parameters and t the number of updates before this one:
///
///     d = min(decay, (1 + t) / (10 + t))
///     a ← d·a + (1 − d)·w
///
/// The second term of d is TensorFlow's start-up correction: without it the average would hold on to
/// the untrained weights for about 1 / (1 − decay) updates.
///
/// ```swift
/// var average = MovingAverage(model, decay: 0.999)
/// for batch in batches {
///   …
///   optimizer.update(&model, with: gradients)
///   average.update(with: model)
/// }
/// let better = average.average
/// ```
///
/// Buffers (the moving statistics of batch normalization) are averages already: those of the module
/// are taken as they are.
///
/// An update writes in place and takes no memory. It is a value: a copy is a snapshot, and while
/// somebody holds one (or a model that `average` returned) the next update writes new buffers once.
public struct MovingAverage<M: Module>: Sendable {
  /// The share of the old average in the new one once training is under way, at least 0 and below 1.
  public let decay: Float
  /// The module with averaged parameters; before the first update those it started from.
  public private(set) var average: M
  /// Updates so far.
  public private(set) var updates = 0

  /// Starts from the parameters of `module`.
  public init(_ module: M, decay: Float) {
    precondition(
      decay >= 0 && decay < 1,
      "MovingAverage: decay \(decay), at least 0 and below 1 is expected")
    self.decay = decay
    average = module
    average.updateParameters { _, parameter in
      parameter = parameter.detached()
      parameter.withUnsafeMutableValues { _ in }  // buffers of its own from the start
    }
  }

  /// The share of the old average in update number `updates` + 1.
  public var nextDecay: Float {
    let start = Double(1 + updates) / Double(10 + updates)
    return min(decay, Float(start))
  }

  /// Takes the parameters of `module`, the one that is being trained, into the average.
  public mutating func update(with module: M) {
    let parameters = module.parameters
    let share = 1 - nextDecay
    var position = 0
    average.updateParameters { path, mean in
      precondition(
        position < parameters.count && parameters[position].path == path
          && parameters[position].tensor.shape == mean.shape,
        "MovingAverage: a module without the parameter \(path) \(mean.shape) came, or with another "
          + "order; that of the start is expected")
      move(&mean, toward: parameters[position].tensor, by: share)
      position += 1
    }
    precondition(
      position == parameters.count,
      "MovingAverage: a module with \(parameters.count) parameters came, \(position) expected")
    let buffers = module.buffers
    position = 0
    average.updateBuffers { path, buffer in
      precondition(
        position < buffers.count && buffers[position].path == path
          && buffers[position].tensor.shape == buffer.shape,
        "MovingAverage: a module without the buffer \(path) \(buffer.shape) came; that of the "
          + "start is expected")
      buffer = buffers[position].tensor
      position += 1
    }
    updates += 1
  }

  /// The averaged parameters and the buffers by path, for a checkpoint; `updates` belongs to them.
  public var tensors: [(name: String, tensor: Tensor)] {
    average.savedTensors.map { (name: $0.path, tensor: $0.tensor) }
  }

  /// Takes back what `tensors` and `updates` were when they were saved; goes on with the same bytes.
  ///
  /// - Throws: `ParameterMismatch` when the tensors are not those of the module, `TrainingError`
  ///   when `updates` is negative. Then nothing changes.
  public mutating func restore(
    _ tensors: some Sequence<(name: String, tensor: Tensor)>, updates: Int
  ) throws {
    guard updates >= 0 else {
      throw TrainingError("moving average of \(updates) updates, expected at least 0")
    }
    try average.load(tensors)
    self.updates = updates
  }
}

/// Values that one thread takes at a time.
private let chunk = 1 << 15
/// Values of w − a that are held at a time: they stay in the first-level cache.
private let block = 1 << 10

/// a ← a + share·(w − a), which stays exactly where it is once a = w.
private func move(_ mean: inout Tensor, toward tensor: Tensor, by share: Float) {
  tensor.withUnsafeValues { source in
    mean.withUnsafeMutableValues { target in
      guard let source = source.baseAddress, let target = target.baseAddress else { return }
      let (w, a) = (Shared(source), Shared(target))
      Threads.forEachRange(of: tensor.count, size: chunk) { range in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: block) { scratch in
          guard let difference = scratch.baseAddress else { return }
          for start in stride(from: range.lowerBound, to: range.upperBound, by: block) {
            let count = min(block, range.upperBound - start)
            kernels.subtract(count, w.pointer + start, a.pointer + start, difference)
            kernels.add_scaled(count, share, difference, a.pointer + start)
          }
        }
      }
    }
  }
}
