import ReelTensor

/// Named tensors do not fit a module. Says everything that is wrong at once.
public struct ParameterMismatch: Error, CustomStringConvertible, Sendable {
  public var missing: [String] = []
  public var unexpected: [String] = []
  public var wronglyShaped: [(path: String, came: [Int], expected: [Int])] = []

  var isEmpty: Bool { missing.isEmpty && unexpected.isEmpty && wronglyShaped.isEmpty }

  public var description: String {
    var parts: [String] = []
    if !missing.isEmpty { parts.append("missing: \(missing.joined(separator: ", "))") }
    if !unexpected.isEmpty { parts.append("unexpected: \(unexpected.joined(separator: ", "))") }
    if !wronglyShaped.isEmpty {
      let shapes = wronglyShaped.map { "\($0.path) \($0.came), expected \($0.expected)" }
      parts.append("wrong shape: \(shapes.joined(separator: "; "))")
    }
    return "the tensors do not fit the model: " + parts.joined(separator: "; ")
  }
}

extension Module {
  /// Takes every parameter and buffer from `tensors`, by path; on a mismatch nothing changes.
  ///
  /// PyTorch counts the batches that a batch normalization has seen beside its moving statistics
  /// (`num_batches_tracked`) and computes nothing with the number: it may stand there.
  ///
  /// - Throws: `ParameterMismatch` that lists every missing, unexpected and wrongly shaped tensor.
  public mutating func load(_ tensors: some Sequence<(name: String, tensor: Tensor)>) throws {
    var byName: [String: Tensor] = [:]
    var order: [String] = []
    for (name, tensor) in tensors where byName.updateValue(tensor, forKey: name) == nil {
      order.append(name)
    }
    var mismatch = ParameterMismatch()
    var known: Set<String> = []
    for (path, parameter) in savedTensors {
      known.insert(path)
      if let tensor = byName[path] {
        if tensor.shape != parameter.shape {
          mismatch.wronglyShaped.append((path, tensor.shape, parameter.shape))
        }
      } else {
        mismatch.missing.append(path)
      }
    }
    mismatch.unexpected = order.filter { !known.contains($0) && !isBatchCount($0, known) }
    guard mismatch.isEmpty else { throw mismatch }
    updateSavedTensors { path, value in
      if let tensor = byName[path] { value = tensor.detached() }
    }
  }
}

/// Whether `path` is PyTorch's batch count of a module whose moving mean is known.
private func isBatchCount(_ path: String, _ known: Set<String>) -> Bool {
  let name = "num_batches_tracked"
  return path.hasSuffix(name) && known.contains(path.dropLast(name.count) + "running_mean")
}
