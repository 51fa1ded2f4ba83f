import Foundation
import Reel

/// The layers of a network as its parameters show them: for any kind of model.
struct NetworkDescription {
  struct Layer {
    let name: String
    var tensors: [(name: String, shape: [Int])] = []

    var parameters: Int {
      tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
    }
  }

  /// In the order of the parameters.
  let layers: [Layer]

  init(_ parameters: [(path: String, tensor: Tensor)]) {
    var layers: [Layer] = []
    for (path, tensor) in parameters {
      let (layer, name) = Self.split(path)
      let index: Int
      if let found = layers.firstIndex(where: { $0.name == layer }) {
        index = found
      } else {
        index = layers.count
        layers.append(Layer(name: layer))
      }
      layers[index].tensors.append((name, tensor.shape))
    }
    self.layers = layers
  }

  /// `recurrent.weight_ih_l1_reverse` → `recurrent.l1`, `weight_ih_reverse`.
  private static func split(_ path: String) -> (layer: String, name: String) {
    var parts = path.split(separator: ".").map { String($0) }
    let name = parts.removeLast()
    var words = name.split(separator: "_").map { String($0) }
    let number = words.lastIndex { $0.first == "l" && $0.count > 1 && Int($0.dropFirst()) != nil }
    if let number {
      parts.append(words.remove(at: number))
      return (parts.joined(separator: "."), words.joined(separator: "_"))
    }
    return (parts.isEmpty ? name : parts.joined(separator: "."), name)
  }

  var parameters: Int { layers.reduce(0) { $0 + $1.parameters } }

  /// A table for a person.
  var text: String {
    var table = TextTable([("layer", .left), ("weights", .left), ("parameters", .right)])
    for layer in layers {
      // Biases, the lengths of normalized weights and the other direction say nothing new.
      let weights = layer.tensors.filter {
        $0.shape.count > 1 && !$0.name.hasSuffix("_g") && !$0.name.hasSuffix("_reverse")
      }
      let isTwofold = layer.tensors.contains { $0.name.hasSuffix("_reverse") }
      let shapes = (weights.isEmpty ? layer.tensors : weights).map { name, shape in
        let sizes = shape.map { TextFormat.grouped($0) }.joined(separator: " × ")
        return "\(name) [\(sizes)]"
      }
      table.add([
        layer.name, shapes.joined(separator: ", ") + (isTwofold ? ", both ways" : ""),
        TextFormat.grouped(layer.parameters),
      ])
    }
    table.addRule()
    table.add(["total", "", TextFormat.grouped(parameters)])
    return table.text
  }

  var json: JSONField {
    .list(
      layers.map { layer in
        .object([
          "name": .text(layer.name), "parameters": .integer(layer.parameters),
          "tensors": .list(
            layer.tensors.map { name, shape in
              .object(["name": .text(name), "shape": .list(shape.map { .integer($0) })])
            }),
        ])
      })
  }
}
