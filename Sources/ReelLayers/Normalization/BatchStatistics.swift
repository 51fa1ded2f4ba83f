import ReelTensor

/// What the batch normalizations of a model saw in one training step: the mean and the variance of
/// each batch, on their way into the moving statistics.
///
/// Whoever trains makes an empty one, hands it to every call, and gives it to the model after the
/// step. Whoever predicts hands in nil, and the moving statistics are used.
///
/// ```swift
/// var statistics: BatchStatistics? = BatchStatistics()
/// let (loss, gradients) = valueAndGradient(of: model) { model in
///   crossEntropy(model(images, statistics: &statistics), classes)
/// }
/// optimizer.update(&model, with: gradients)
/// model.update(with: statistics)
/// ```
public struct BatchStatistics: Sendable {
  struct Entry {
    /// The moving value as the layer held it. Its memory says which layer it was: a copy of a model
    /// shares its buffers with the model.
    let buffer: Tensor
    let value: Tensor
  }

  /// In the order of the calls.
  private(set) var entries: [Entry] = []

  public init() {}

  /// Whether no layer has recorded anything.
  public var isEmpty: Bool { entries.isEmpty }

  mutating func record(_ value: [Double], for buffer: Tensor) {
    entries.append(
      Entry(
        buffer: buffer.detached(),
        value: Tensor(shape: buffer.shape, values: value.map { Float($0) })))
  }
}

extension Module {
  /// Moves the moving statistics of every batch normalization that recorded toward what it saw:
  /// moving ← (1 − momentum)·moving + momentum·seen. A layer that was called several times (shared
  /// weights, several small batches for one step) moves once for each call, in their order.
  ///
  /// - Parameters:
  ///   - statistics: of calls of this model, or of a copy of it; each may be used once. nil: nothing
  ///     happens.
  ///   - momentum: PyTorch's; 0.1 there too. (Keras's momentum is 1 minus this.)
  public mutating func update(with statistics: BatchStatistics?, momentum: Float = 0.1) {
    precondition(
      momentum >= 0 && momentum <= 1,
      "update(with:momentum:): momentum \(momentum), 0 to 1 is expected")
    guard let statistics, !statistics.isEmpty else { return }
    var places: [ObjectIdentifier: [Int]] = [:]
    for (place, buffer) in buffers.enumerated() {
      places[ObjectIdentifier(buffer.tensor.storage), default: []].append(place)
    }
    var seen: [Int: [Tensor]] = [:]
    var uses: [ObjectIdentifier: Int] = [:]
    for entry in statistics.entries {
      let memory = ObjectIdentifier(entry.buffer.storage)
      guard let own = places[memory] else {
        preconditionFailure(
          "update(with:momentum:): statistics of shape \(entry.value.shape) that no layer of this "
            + "model recorded, or that were used already")
      }
      // Layers that began as copies of one layer share its memory until their first update: their
      // records come in the order in which the layers stand.
      let use = uses[memory, default: 0]
      uses[memory] = use + 1
      seen[own[use % own.count], default: []].append(entry.value)
    }
    var place = 0
    updateBuffers { _, buffer in
      for value in seen[place] ?? [] { buffer = buffer + momentum * (value - buffer) }
      place += 1
    }
  }
}
