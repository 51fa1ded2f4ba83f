import Reel

/// Small sets and networks that a test learns from in a second.
enum ImageSamples {
  static let digits: LabelledImages = {
    var generator = RandomGenerator(seed: 11)
    return DrawnDigits(size: 12).labelledImages(160, using: &generator)
  }()

  static let scenes: SegmentedImages = {
    var generator = RandomGenerator(seed: 12)
    return SyntheticScenes(height: 16, width: 20).segmented(48, using: &generator)
  }()

  static let things: LocatedObjects = {
    var generator = RandomGenerator(seed: 13)
    return SyntheticScenes(height: 24, width: 24).located(300, using: &generator)
  }()

  /// Two convolutions with batch normalization, and dropout before the last layer.
  static func classifier(channels: Int = 1, dropout: Float = 0) -> Architecture {
    Architecture(
      name: "small", source: "this test", input: [channels, 12, 12], classes: 10,
      layers: [
        "conv1": .convolution(8, kernel: 3, padding: 1, bias: false), "bn1": .batchNorm(),
        "relu1": .relu, "pool1": .maxPooling(2),
        "conv2": .convolution(16, kernel: 3, padding: 1, bias: false), "bn2": .batchNorm(),
        "relu2": .relu, "pool2": .maxPooling(2),
        "flatten": .flatten, "dropout": .dropout(dropout), "head": .linear(.classes),
      ])
  }

  /// The same with a second classifier in the middle.
  static let withAuxiliary = Architecture(
    name: "auxiliary", source: "this test", input: [1, 12, 12], classes: 10,
    layers: [
      "conv1": .convolution(8, kernel: 3, padding: 1), "relu1": .relu, "pool1": .maxPooling(2),
      "side": .auxiliary(["flatten": .flatten, "head": .linear(.classes)]),
      "flatten": .flatten, "head": .linear(.classes),
    ])

  /// Scores of pixels from their surroundings; `padding` 1 keeps the size, 0 loses 2 at each side.
  static func labeller(padding: Int = 1) -> Architecture {
    let extent = Extent(padding, padding)
    return Architecture(
      name: "labeller", source: "this test", input: [1, 16, 20], classes: 4,
      layers: [
        "conv1": .convolution(12, kernel: 3, padding: extent), "relu1": .relu,
        "conv2": .convolution(12, kernel: 3, padding: extent), "relu2": .relu,
        "head": .convolution(.classes, kernel: 1),
      ])
  }

  static func settings(epochs: Int, batch: Int = 16) -> TrainingSettings {
    var settings = TrainingSettings()
    (settings.epochs, settings.batch, settings.seed) = (epochs, batch, 3)
    settings.optimizer.learningRate = 5e-3
    return settings
  }

  static func trained<Model: TrainableModel>(
    _ model: Model, _ examples: [Model.Example], epochs: Int, validation: [Model.Example] = []
  ) throws -> Trainer<Model> {
    var trainer = try Trainer(
      model, training: examples, validation: validation, settings: settings(epochs: epochs))
    try trainer.train()
    return trainer
  }

  static func tensors(_ model: some TrainableModel) -> [Tensor] {
    model.network.savedTensors.map(\.tensor)
  }
}
