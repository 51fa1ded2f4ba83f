import CReelKernels

extension Tensor {
  /// The sum over rows of the cross-entropy of softmax(row) with a target class; rows with a
  /// negative target are left out. The gradient is made in the same pass over the logits, in their place
  /// where nobody else has them.
  package consuming func crossEntropySum(_ targets: [Int32], smoothing: Float) -> Tensor {
    let (shape, origin) = (shape, isWatched ? origin : nil)
    precondition(
      shape.count == 2 && shape[0] == targets.count && smoothing >= 0 && smoothing < 1,
      "cross-entropy: logits \(shape) with \(targets.count) targets and smoothing \(smoothing)")
    let (rows, classes) = (shape[0], shape[1])
    for target in targets {
      precondition(target < classes, "cross-entropy: target \(target) of \(classes) classes")
    }
    let losses = Storage(count: rows)
    let isFree = origin != nil && hasStorageAlone()
    let logits = storage
    if isFree { logits.forgetPackedForms() }
    let gradient =
      origin == nil
      ? nil : Tensor(shape: shape, storage: isFree ? logits : Storage(count: rows * classes))
    targets.withUnsafeBufferPointer { targets in
      let (targets, logits) = (Shared(targets.baseAddress), Shared(logits.pointer))
      let size = max(1, (1 << 12) / max(classes, 1))
      Threads.forEachRange(of: rows, size: size) { range in
        let offset = range.lowerBound * classes
        kernels.cross_entropy(
          range.count, classes, logits.pointer + offset, targets.pointer! + range.lowerBound,
          smoothing, losses.pointer + range.lowerBound,
          gradient.map { $0.storage.pointer + offset })
      }
    }
    withExtendedLifetime(logits) {}
    // In Double: a sum over a whole corpus keeps its digits.
    var total = 0.0
    for row in 0..<rows { total += Double(losses.pointer[row]) }
    guard let gradient else { return Tensor(Float(total)) }
    let watched = Tensor(shape: shape, storage: gradient.storage, origin: origin)
    return record(Tensor(Float(total)), from: [watched]) { scale in
      // A way back is gone once, and nobody else has these.
      gradient.writeAffine(scale: scale.scalar, offset: 0, into: gradient.storage)
      return [.dense(gradient)]
    }
  }
}
