import ReelTensor

/// Tensors with names, in an order: what a file of tensors holds.
///
/// Names are unique (two spellings of one text that Unicode calls equivalent are one name).
/// A `NamedTensors` is what `Module.load(_:)` takes, and is made from `Module.savedTensors`:
///
///     try Safetensors.write(NamedTensors(model.savedTensors), to: "model.safetensors")
///     try model.load(Safetensors.read("model.safetensors").tensors)
public struct NamedTensors: Sendable {
  private var elements: [(name: String, tensor: Tensor)] = []
  private var positions: [String: Int] = [:]

  public init() {}

  /// Pairs of name and tensor; the names must be unique.
  public init(_ pairs: some Sequence<(name: String, tensor: Tensor)>) {
    for (name, tensor) in pairs { append(name, tensor) }
  }

  /// The parameters and buffers of a module; their paths become the names.
  public init(_ tensors: some Sequence<(path: String, tensor: Tensor)>) {
    for (path, tensor) in tensors { append(path, tensor) }
  }

  /// Adds a tensor at the end; its name must be new.
  public mutating func append(_ name: String, _ tensor: Tensor) {
    precondition(
      positions[name] == nil,
      "NamedTensors.append: the name \(name.quoted) came twice, expected unique names")
    positions[name] = elements.count
    elements.append((name, tensor))
  }

  /// The names, in order.
  public var names: [String] { elements.map(\.name) }

  /// The tensor of this name. Setting replaces it where it stands, or adds it at the end; setting
  /// nil removes it.
  public subscript(name: String) -> Tensor? {
    get { positions[name].map { elements[$0].tensor } }
    set {
      switch (positions[name], newValue) {
      case (let position?, let tensor?): elements[position].tensor = tensor
      case (nil, let tensor?): append(name, tensor)
      case (let position?, nil):
        elements.remove(at: position)
        positions[name] = nil
        for later in position..<elements.count { positions[elements[later].name] = later }
      case (nil, nil): break
      }
    }
  }
}

extension NamedTensors: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { elements.count }
  public subscript(position: Int) -> (name: String, tensor: Tensor) { elements[position] }
}

extension NamedTensors: ExpressibleByDictionaryLiteral {
  /// In the order written.
  public init(dictionaryLiteral elements: (String, Tensor)...) {
    for (name, tensor) in elements { append(name, tensor) }
  }
}

extension NamedTensors: Equatable {
  /// Same names in the same order, and equal tensors (a NaN equals nothing).
  public static func == (a: NamedTensors, b: NamedTensors) -> Bool {
    a.elements.elementsEqual(b.elements) { $0.name == $1.name && $0.tensor == $1.tensor }
  }
}
