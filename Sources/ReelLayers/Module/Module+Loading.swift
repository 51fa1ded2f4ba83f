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
  /// Takes every parameter from `tensors`, by path; on a mismatch nothing changes.
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
    for (path, parameter) in parameters {
      known.insert(path)
      if let tensor = byName[path] {
        if tensor.shape != parameter.shape {
          mismatch.wronglyShaped.append((path, tensor.shape, parameter.shape))
        }
      } else {
        mismatch.missing.append(path)
      }
    }
    mismatch.unexpected = order.filter { !known.contains($0) }
    guard mismatch.isEmpty else { throw mismatch }
    updateParameters { path, parameter in
      if let tensor = byName[path] { parameter = tensor.detached() }
    }
  }
}
