/// Layers in their order, each with its name: a network, or a part of one.
///
/// Names, joined by dots, are the paths of the parameters. In a list without names they are counted
/// 0, 1, 2, … as in PyTorch's `Sequential`. A layer whose name is empty adds no level: its own layers
/// stand in the scope around it.
///
/// ```swift
/// let layers: NetworkDescription = [
///   "conv1": .convolution(6, kernel: 5), "relu": .relu, "pool": .maxPooling(2),
///   "flatten": .flatten, "fc": .linear(.classes),
/// ]
/// ```
public struct NetworkDescription: Sendable, Equatable {
  public struct Entry: Sendable, Equatable, Codable {
    public var name: String
    public var layer: LayerDescription

    public init(_ name: String, _ layer: LayerDescription) {
      (self.name, self.layer) = (name, layer)
    }
  }

  public var entries: [Entry]

  public init(_ entries: [Entry]) { self.entries = entries }

  /// Layers named 0, 1, 2, …
  public init(numbered layers: [LayerDescription]) {
    entries = layers.enumerated().map { Entry("\($0)", $1) }
  }

  public var isEmpty: Bool { entries.isEmpty }

  public static func + (a: NetworkDescription, b: NetworkDescription) -> NetworkDescription {
    NetworkDescription(a.entries + b.entries)
  }
}

extension NetworkDescription: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
  public init(dictionaryLiteral elements: (String, LayerDescription)...) {
    entries = elements.map { Entry($0, $1) }
  }

  public init(arrayLiteral elements: LayerDescription...) { self.init(numbered: elements) }
}

extension NetworkDescription: Codable {
  public init(from decoder: any Decoder) throws {
    entries = try decoder.singleValueContainer().decode([Entry].self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(entries)
  }
}
