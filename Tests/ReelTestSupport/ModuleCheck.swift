import ReelLayers
import ReelTensor

/// Everything that is wrong with how a module names its parameters and buffers; empty when all is
/// well.
///
/// `Mirror` finds every stored tensor, however deep, and each must be visited exactly once, under a
/// path of its own, in the same order every time, in place, so that a change lands in the module.
/// - Parameter ignoring: stored properties (dotted, as in `cell.mask`) that are neither.
package func visitingProblems<M: Module>(of module: M, ignoring: Set<String> = []) -> [String] {
  var module = module
  var found: [String] = []

  // Each parameter gets values of its own, so that an address stands for one parameter.
  var number: Float = 0
  module.updateSavedTensors { _, parameter in
    number += 1
    parameter = Tensor(repeating: number, shape: parameter.shape)
  }
  let parameters = module.savedTensors
  for (index, (path, tensor)) in parameters.enumerated()
  where tensor.values.contains(where: { $0 != Float(index + 1) }) {
    found.append("\(path): a change made by a visitor did not stay")
  }

  var visits: [UInt: Int] = [:]
  for (_, tensor) in parameters { visits[tensor.address, default: 0] += 1 }
  var stored: Set<UInt> = []
  for (property, tensor) in storedTensors(in: module) where !ignoring.contains(property) {
    stored.insert(tensor.address)
    let count = visits[tensor.address] ?? 0
    if count != 1 { found.append("\(property): visited \(count) times") }
  }
  for (path, tensor) in parameters where !stored.contains(tensor.address) {
    found.append("\(path): visited, but not stored")
  }

  let paths = parameters.map(\.path)
  if Set(paths).count != paths.count { found.append("paths are not unique: \(paths)") }
  for path in paths where path.isEmpty || path.split(separator: ".").joined(separator: ".") != path
  {
    found.append("\"\(path)\" is no path")
  }
  if module.savedTensors.map(\.path) != paths { found.append("the order changes between visits") }

  let before = parameters.map(\.tensor.address)
  var inPlace: [UInt] = []
  withExtendedLifetime(parameters) {
    // While `parameters` holds every storage, a write must copy; the next one must not.
    module.updateSavedTensors { _, parameter in parameter.withUnsafeMutableValues { _ in } }
  }
  let moved = addresses(in: &module)
  if zip(moved, before).contains(where: ==) {
    found.append("a write reached a copy of a parameter")
  }
  module.updateSavedTensors { _, parameter in
    parameter.withUnsafeMutableValues { inPlace.append(UInt(bitPattern: $0.baseAddress)) }
  }
  for (index, path) in paths.enumerated() where inPlace[index] != moved[index] {
    found.append("\(path): copied by an update")
  }
  let split = Set(module.parameters.map(\.path) + module.buffers.map(\.path))
  if split != Set(paths) || module.parameters.count + module.buffers.count != paths.count {
    found.append("parameters and buffers do not make up \(paths)")
  }
  return found
}

private func addresses<M: Module>(in module: inout M) -> [UInt] {
  var result: [UInt] = []
  module.updateSavedTensors { _, parameter in result.append(parameter.address) }
  return result
}

/// Every tensor that a value stores, with the dotted names of the properties that lead to it.
package func storedTensors(in value: Any, at path: String = "") -> [(String, Tensor)] {
  if let tensor = value as? Tensor { return [(path, tensor)] }
  let mirror = Mirror(reflecting: value)
  if mirror.displayStyle == .class { return [] }
  var found: [(String, Tensor)] = []
  for (index, child) in mirror.children.enumerated() {
    let name =
      mirror.displayStyle == .optional
      ? path : [path, child.label ?? "\(index)"].joined(separator: ".")
    let trimmed = name.hasPrefix(".") ? String(name.dropFirst()) : name
    found += storedTensors(in: child.value, at: trimmed)
  }
  return found
}
