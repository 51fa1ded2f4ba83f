import ReelLayers

extension Architecture {
  /// One affine map of all pixels.
  public static let perceptron = Architecture(
    name: "perceptron", source: "Rosenblatt 1958", input: [1, 28, 28], classes: 10,
    layers: ["flatten": .flatten, "fc": .linear(.classes)])

  /// One hidden layer, as in LeCun et al. 1998, section III-C (28×28-300-10).
  public static let twoLayer = Architecture(
    name: "two-layer", source: "LeCun et al. 1998, 28×28-300-10", input: [1, 28, 28], classes: 10,
    initialization: .lecunNormal,
    layers: [
      "flatten": .flatten, "fc1": .linear(300), "tanh": .activation(.scaledTanh),
      "fc2": .linear(.classes),
    ])
}
