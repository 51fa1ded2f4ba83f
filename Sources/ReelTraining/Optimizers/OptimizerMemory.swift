import CReelKernels
import ReelLayers
import ReelTensor

/// What every rule shares: the running quantities of each parameter, indexed by its position in
/// visiting order, and the walk that hands pieces of parameters to a kernel.
struct OptimizerMemory: Sendable {
  let rule: String
  /// The running quantities that the rule keeps, at most two.
  let quantities: [String]
  private var parameters: [OptimizerState.Parameter] = []
  /// `quantities.count` tensors for each parameter. Nobody else holds them between steps, so that
  /// they are written in place.
  private var tensors: [Tensor] = []

  init(rule: String, quantities: [String]) {
    self.rule = rule
    self.quantities = quantities
  }

  /// Neighbouring values of one parameter, with their gradients and running quantities.
  struct Piece {
    let count: Int
    let gradient: UnsafePointer<Float>
    /// nil where the rule keeps fewer quantities.
    let first: UnsafeMutablePointer<Float>?
    let second: UnsafeMutablePointer<Float>?
    let parameter: UnsafeMutablePointer<Float>
  }

  typealias Kernel = @Sendable (Piece, UnsafePointer<reel_optimizer_step>) -> Void

  /// Calls `kernel` on all pieces that have a gradient. `settings` is asked once for each
  /// parameter, with the number of its updates, this one included.
  mutating func update<M: Module>(
    _ model: inout M, with gradients: Gradients, settings: (_ steps: Int) -> reel_optimizer_step,
    kernel: Kernel
  ) {
    if parameters.isEmpty { prepare(gradients) }
    precondition(
      parameters.count == gradients.entries.count,
      "\(rule): gradients of \(gradients.entries.count) parameters, "
        + "expected \(parameters.count) as in the step before")
    var position = 0
    model.updateParameters { path, parameter in
      precondition(
        position < parameters.count,
        "\(rule): the model has a parameter \(path) and no gradient entry for it")
      let entry = gradients.entries[position]
      let known = parameters[position]
      precondition(
        entry.path == path && known.path == path && known.shape == parameter.shape,
        "\(rule): parameter \(path) \(parameter.shape) with the gradient of \(entry.path) and "
          + "running quantities of \(known.path) \(known.shape)")
      if let gradient = entry.gradient {
        precondition(
          gradient.shape == parameter.shape,
          "\(rule): gradient \(gradient.shape) for \(path) of shape \(parameter.shape)")
        parameters[position].steps += 1
        step(
          &parameter, at: position, gradient, settings(parameters[position].steps), kernel)
      }
      position += 1
    }
    precondition(
      position == parameters.count,
      "\(rule): gradients of \(parameters.count) parameters for a model with \(position)")
  }

  private mutating func prepare(_ gradients: Gradients) {
    for entry in gradients.entries {
      parameters.append(.init(path: entry.path, shape: entry.shape, steps: 0))
      for _ in quantities { tensors.append(Tensor(zeros: entry.shape)) }
    }
  }

  // MARK: One parameter

  private struct Pointers: @unchecked Sendable {
    // Sendable, because threads are given disjoint ranges.
    let gradient: UnsafePointer<Float>
    let first: UnsafeMutablePointer<Float>?
    let second: UnsafeMutablePointer<Float>?
    let parameter: UnsafeMutablePointer<Float>

    func piece(at offset: Int, gradientAt gradientOffset: Int, count: Int) -> Piece {
      Piece(
        count: count, gradient: gradient + gradientOffset, first: first.map { $0 + offset },
        second: second.map { $0 + offset }, parameter: parameter + offset)
    }
  }

  /// Values that one thread takes at a time: some microseconds, so that parameters of some ten thousand values
  /// are divided, too.
  private static let chunk = 1 << 13

  private mutating func step(
    _ parameter: inout Tensor, at position: Int, _ gradient: Gradient,
    _ settings: reel_optimizer_step, _ kernel: Kernel
  ) {
    let stored: Tensor
    switch gradient {
    case .dense(let tensor): stored = tensor
    case .rows(let rows): stored = rows.values
    }
    // The pointers stay valid: `self`, `stored` and `parameter` hold the buffers until the end.
    let base = position * quantities.count
    let pointers = Pointers(
      gradient: UnsafePointer(stored.storage.pointer),
      first: quantities.isEmpty ? nil : Self.writablePointer(&tensors[base]),
      second: quantities.count < 2 ? nil : Self.writablePointer(&tensors[base + 1]),
      parameter: Self.writablePointer(&parameter))
    switch gradient {
    case .dense:
      Threads.forEachRange(of: parameter.count, size: Self.chunk) { range in
        withUnsafePointer(to: settings) {
          let start = range.lowerBound
          kernel(pointers.piece(at: start, gradientAt: start, count: range.count), $0)
        }
      }
    case .rows(let rows):
      let columns = rows.shape[1]
      let indices = rows.indices
      let size = max(1, Self.chunk / max(columns, 1))
      Threads.forEachRange(of: indices.count, size: size) { range in
        withUnsafePointer(to: settings) { settings in
          // Neighbouring rows are one piece.
          var start = range.lowerBound
          while start < range.upperBound {
            var end = start + 1
            while end < range.upperBound, indices[end] == indices[end - 1] + 1 { end += 1 }
            kernel(
              pointers.piece(
                at: Int(indices[start]) * columns, gradientAt: start * columns,
                count: (end - start) * columns),
              settings)
            start = end
          }
        }
      }
    }
    withExtendedLifetime(stored) {}
  }

  // Static: a method of `self` would be given a copy of it, and the arrays a second owner.
  private static func writablePointer(_ tensor: inout Tensor) -> UnsafeMutablePointer<Float> {
    tensor.withUnsafeMutableValues { _ in }  // makes it the only owner
    return tensor.storage.pointer
  }

  // MARK: Saving

  var state: OptimizerState {
    var named: [(name: String, tensor: Tensor)] = []
    for (position, parameter) in parameters.enumerated() {
      for (index, quantity) in quantities.enumerated() {
        named.append(
          ("\(parameter.path).\(quantity)", tensors[position * quantities.count + index]))
      }
    }
    return OptimizerState(rule: rule, parameters: parameters, tensors: named)
  }

  mutating func restore(_ state: OptimizerState) throws {
    guard state.rule == rule else {
      throw TrainingError("optimizer state of the rule '\(state.rule)', expected '\(rule)'")
    }
    let expected = state.parameters.flatMap { parameter in
      quantities.map { (name: "\(parameter.path).\($0)", shape: parameter.shape) }
    }
    guard state.tensors.count == expected.count else {
      throw TrainingError(
        "optimizer state of \(state.tensors.count) tensors, expected \(expected.count): "
          + "\(quantities.joined(separator: " and ")) of \(state.parameters.count) parameters")
    }
    for (came, expected) in zip(state.tensors, expected)
    where came.name != expected.name || came.tensor.shape != expected.shape {
      throw TrainingError(
        "optimizer state \(came.name) \(came.tensor.shape), "
          + "expected \(expected.name) \(expected.shape)")
    }
    for parameter in state.parameters where parameter.steps < 0 {
      throw TrainingError(
        "optimizer state: \(parameter.steps) steps of \(parameter.path), expected at least 0")
    }
    parameters = state.parameters
    tensors = state.tensors.map { $0.tensor.detached() }
  }
}
