import ReelLayers
import ReelSequence

/// One layer of a model as a table shows it.
public struct LayerSummary: Codable, Sendable, Equatable {
  /// What its parameters' paths begin with, for example `recurrent.l0` or
  /// `tcn.network.0`.
  public let name: String
  /// What it is, for example `lstm`.
  public let kind: String
  /// Shape of its output, `B` sequences of `T` tokens: for example `[B, T, 256]`.
  public let outputShape: String
  public let parameters: Int
  /// Multiplications with an addition that prediction takes for each token. Looking up the row of
  /// an embedding, or the column for a one-hot row, takes none.
  public let multiplyAdds: Int
}

extension LanguageModel {
  /// The layers from the tokens to the scores.
  public var layers: [LayerSummary] {
    let c = configuration
    let parameters = network.parameters
    let vocabulary = tokenizer.vocabularySize
    let features = network.encoder.outputSize
    /// Parameters whose path fits, and the products that prediction makes with them and with
    /// `shared` values that belong to another layer.
    func summary(
      _ name: String, _ kind: String, features: Int, shared: Int = 0,
      isLookedUp: (String) -> Bool = { _ in false }, _ belongs: (String) -> Bool
    ) -> LayerSummary {
      let own = parameters.filter { belongs($0.path) }
      // A matrix is multiplied with a vector, and the taps of a convolution with one each; a
      // peephole's vector element by element. A bias and a normalization's factors are no products
      // of the model's size.
      let products = own.filter {
        ($0.tensor.rank > 1 && !$0.path.hasSuffix("weight_g") || $0.path.contains("peephole"))
          && !isLookedUp($0.path)
      }
      return LayerSummary(
        name: name, kind: kind, outputShape: "[B, T, \(features)]",
        parameters: own.reduce(0) { $0 + $1.tensor.count },
        multiplyAdds: products.reduce(shared) { $0 + $1.tensor.count })
    }
    var result: [LayerSummary] = []
    if c.embeddingSize > 0 {
      result.append(
        summary("embedding", "embedding", features: c.embeddingSize, isLookedUp: { _ in true }) {
          $0.hasPrefix("embedding.")
        })
    }
    for layer in 0..<c.layers {
      let isOneHot = layer == 0 && c.embeddingSize == 0
      switch c.cell {
      case .recurrent:
        result.append(
          summary(
            "recurrent.l\(layer)", c.cell.rawValue, features: features,
            isLookedUp: { isOneHot && $0.contains("weight_ih") }
          ) { path in
            path.hasPrefix("recurrent.")
              && path.split(separator: ".").contains { $0.hasSuffix("_l\(layer)") }
          })
      case .tcn:
        let name = "tcn.network.\(layer)"
        result.append(
          summary(
            name, c.cell.rawValue, features: features,
            isLookedUp: { isOneHot && $0.contains("conv1") }
          ) { $0.hasPrefix(name + ".") })
      }
    }
    result.append(
      summary(
        "head", c.tiesWeights ? "tied linear" : "linear", features: vocabulary,
        shared: c.tiesWeights ? vocabulary * c.embeddingSize : 0
      ) { $0.hasPrefix("head.") })
    return result
  }
}
