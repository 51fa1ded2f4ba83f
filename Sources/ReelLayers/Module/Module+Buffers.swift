import ReelTensor

extension Module {
  /// Every buffer with its path, in visiting order: what is saved and is no parameter.
  public var buffers: [(path: String, tensor: Tensor)] { collected { !$0 } }

  /// Every parameter and every buffer with its path, in visiting order: what a file of the model
  /// holds, and ``load(_:)`` takes.
  public var savedTensors: [(path: String, tensor: Tensor)] { collected { _ in true } }

  private func collected(_ isWanted: (_ isParameter: Bool) -> Bool) -> [(
    path: String, tensor: Tensor
  )] {
    var copy = self
    var collector = TensorCollector()
    copy.visitParameters(&collector)
    return collector.found.filter { isWanted($0.isParameter) }.map { ($0.path, $0.tensor) }
  }

  /// Calls `body` with every buffer, to be changed in place; its shape must stay.
  public mutating func updateBuffers(_ body: (_ path: String, inout Tensor) -> Void) {
    update(parameters: false, body)
  }

  /// Calls `body` with every parameter and every buffer, to be changed in place.
  package mutating func updateSavedTensors(_ body: (_ path: String, inout Tensor) -> Void) {
    update(parameters: true, body)
  }

  private mutating func update(parameters: Bool, _ body: (String, inout Tensor) -> Void) {
    withoutActuallyEscaping(body) { body in
      var updater = TensorUpdater(includesParameters: parameters, body: body)
      visitParameters(&updater)
    }
  }
}

private struct TensorCollector: ParameterVisitor {
  var prefix = ""
  var found: [(path: String, tensor: Tensor, isParameter: Bool)] = []
  mutating func visit(path: String, parameter: inout Tensor) {
    found.append((path, parameter, true))
  }
  mutating func visit(path: String, buffer: inout Tensor) {
    found.append((path, buffer, false))
  }
}

private struct TensorUpdater: ParameterVisitor {
  var prefix = ""
  let includesParameters: Bool
  let body: (String, inout Tensor) -> Void
  mutating func visit(path: String, parameter: inout Tensor) {
    if includesParameters { change(path, &parameter) }
  }
  mutating func visit(path: String, buffer: inout Tensor) { change(path, &buffer) }

  private func change(_ path: String, _ value: inout Tensor) {
    let shape = value.shape
    body(path, &value)
    precondition(
      value.shape == shape, "\(path) had shape \(shape) and came back with \(value.shape)")
  }
}
