import ReelTensor

/// Something with parameters: a layer, or a model made of layers.
///
/// A module is a `Sendable` value. It names its parameters and children once, in
/// `visitParameters`; counting, saving, loading, updating and averaging are all visitors.
///
/// ```swift
/// struct Classifier: Module {
///   var hidden: Linear
///   var output: Linear
///
///   mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor) {
///     visitor.visit("hidden", &hidden)
///     visitor.visit("output", &output)
///   }
/// }
/// ```
public protocol Module: Sendable {
  /// Calls the visitor once for each parameter, buffer and child, always in the same order. The
  /// names, joined by dots, are the keys on disk.
  mutating func visitParameters<Visitor: ParameterVisitor>(_ visitor: inout Visitor)
}

/// Reads or changes the parameters of a module in place.
public protocol ParameterVisitor {
  /// The path of the module being visited, with a dot at its end unless it is empty. Kept by
  /// `visit(_:_:)`.
  var prefix: String { get set }

  /// Sees one parameter; `path` is its full path, for example `recurrent.weight_ih_l0`.
  mutating func visit(path: String, parameter: inout Tensor)

  /// Sees one buffer: a value that is saved with the parameters and is none, for example the
  /// `running_mean` of a batch normalization. Nobody trains, counts or averages it, so a visitor
  /// that says nothing about buffers passes them by.
  mutating func visit(path: String, buffer: inout Tensor)
}

extension ParameterVisitor {
  public mutating func visit(path: String, buffer: inout Tensor) {}

  /// A value that is saved with the parameters and is none.
  public mutating func visitBuffer(_ name: String, _ buffer: inout Tensor) {
    visit(path: prefix + name, buffer: &buffer)
  }

  public mutating func visit(_ name: String, _ parameter: inout Tensor) {
    visit(path: prefix + name, parameter: &parameter)
  }

  /// A parameter that a configuration may leave out.
  public mutating func visit(_ name: String, _ parameter: inout Tensor?) {
    guard var value = parameter else { return }
    parameter = nil  // one owner, so that a change happens in place
    visit(path: prefix + name, parameter: &value)
    parameter = value
  }

  public mutating func visit<Child: Module>(_ name: String, _ child: inout Child) {
    let outer = prefix
    prefix = outer + name + "."
    child.visitParameters(&self)
    prefix = outer
  }

  public mutating func visit<Child: Module>(_ name: String, _ child: inout Child?) {
    guard var value = child else { return }
    child = nil
    visit(name, &value)
    child = value
  }

  /// Children `name.0`, `name.1`, …
  public mutating func visit<Child: Module>(_ name: String, _ children: inout [Child]) {
    for index in children.indices { visit("\(name).\(index)", &children[index]) }
  }
}

extension Module {
  /// Every parameter with its path, in visiting order.
  public var parameters: [(path: String, tensor: Tensor)] {
    var copy = self
    var collector = ParameterCollector()
    copy.visitParameters(&collector)
    return collector.parameters
  }

  /// The number of trainable values.
  public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.count } }

  /// Calls `body` with every parameter, to be changed in place; its shape must stay.
  public mutating func updateParameters(_ body: (_ path: String, inout Tensor) throws -> Void)
    rethrows
  {
    try withoutActuallyEscaping(body) { body in
      var updater = ParameterUpdater(body: body)
      visitParameters(&updater)
      if let error = updater.error { throw error }
    }
  }
}

private struct ParameterCollector: ParameterVisitor {
  var prefix = ""
  var parameters: [(path: String, tensor: Tensor)] = []
  mutating func visit(path: String, parameter: inout Tensor) {
    parameters.append((path, parameter))
  }
}

private struct ParameterUpdater: ParameterVisitor {
  var prefix = ""
  let body: (String, inout Tensor) throws -> Void
  var error: (any Error)?
  mutating func visit(path: String, parameter: inout Tensor) {
    guard error == nil else { return }
    let shape = parameter.shape
    do { try body(path, &parameter) } catch { self.error = error }
    precondition(
      parameter.shape == shape,
      "updateParameters: \(path) had shape \(shape) and came back with \(parameter.shape)")
  }
}
