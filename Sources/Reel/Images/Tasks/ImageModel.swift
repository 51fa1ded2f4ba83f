import ReelFormats
import ReelLayers
import ReelTensor
import ReelTraining
import ReelVision

/// A model of images that learns from examples with a ``Trainer``: what ``ImageClassifier``,
/// ``ImageSegmenter`` and ``ImageLocalizer`` have in common.
public protocol ImageModel: TrainableModel
where Network == ImageNetwork, Example == ImageExample<Target> {
  associatedtype Target: Sendable & Equatable

  static var kind: ModelKind { get }
  var configuration: ImageConfiguration { get }
  /// How bytes become what the network sees.
  var pixels: ImagePixels { get }

  /// A model of these parts.
  init(configuration: ImageConfiguration, pixels: ImagePixels, network: ImageNetwork)

  /// How many numbers the network puts out for each image or pixel.
  static func outputs(_ configuration: ImageConfiguration) -> Int

  /// - Throws: `ConfigurationError` where the network puts out what the task has no use for.
  static func check(_ table: LayerTable) throws
}

extension ImageModel {
  public static func outputs(_ configuration: ImageConfiguration) -> Int {
    configuration.classes.count
  }

  public static func check(_ table: LayerTable) throws {
    guard table.output.count == 1 else {
      throw ConfigurationError(
        "architecture \"\(table.architecture)\" puts out maps of \(table.output), one that puts out "
          + "a vector of scores is expected")
    }
  }

  /// A model with random weights, for images like these.
  ///
  /// - Throws: one line: a setting out of range, an empty training set, less than two classes, images
  ///   of a shape that the architecture cannot take.
  public init(
    images: ImageSet<Target>, configuration: ImageConfiguration, seed: UInt64 = 0
  ) throws {
    try self.init(filled: try configuration.filled(from: images), seed: seed)
  }

  init(filled configuration: ImageConfiguration, seed: UInt64) throws {
    let pixels = try configuration.pixels()
    var generator = RandomGenerator(seed: seed)
    var network = try ImageNetwork(
      configuration.architecture, input: pixels.window.axes,
      classes: Self.outputs(configuration), using: &generator)
    try network.freeze(configuration.frozen)
    try Self.check(try network.table)
    self.init(configuration: configuration, pixels: pixels, network: network)
  }

  public func length(of example: Example) -> Int { 1 }

  // MARK: Pixels

  /// A batch as the network takes it: each image changed as its transform says.
  func maps(_ images: [[UInt8]], _ transforms: [ImageTransform]? = nil) -> FeatureMaps {
    FeatureMaps(pixels.tensor(images, transforms))
  }

  /// A random change for each of `count` images; none without a generator.
  func transforms(
    _ count: Int, using generator: inout RandomGenerator?
  ) -> [ImageTransform]? {
    guard var random = generator, !configuration.augmentation.isOff else { return nil }
    defer { generator = random }
    return (0..<count).map { _ in
      configuration.augmentation.transform(
        image: pixels.image, window: pixels.window, using: &random)
    }
  }

  /// Images that are predicted together: as many as need about 32 MB in a layer of 64 channels.
  var predictionBatch: Int { max(1, min(256, (1 << 17) / max(1, pixels.window.positions))) }

  /// Calls `body` with the images in batches, and joins what it returns.
  func inBatches<Item, Answer>(
    _ items: [Item], _ body: ([Item]) throws -> [Answer]
  ) rethrows -> [Answer] {
    var answers: [Answer] = []
    for start in stride(from: 0, to: items.count, by: predictionBatch) {
      answers += try body(Array(items[start..<min(items.count, start + predictionBatch)]))
    }
    return answers
  }

  /// The samples of an image that the model can take.
  ///
  /// - Throws: `FormatError` where its size or its channels are others than the model's.
  public func samples(of image: PNGImage, named name: String = "image") throws -> [UInt8] {
    let came = ImageShape(
      channels: image.channels.count, height: image.height, width: image.width)
    guard came == pixels.image else {
      throw FormatError(
        path: name, came: "an image of \(came)",
        expected: "\(pixels.image) (channels, rows, columns)")
    }
    return image.planarBytes
  }

  // MARK: Folder

  /// Writes `config.json` and `model.safetensors` into a folder.
  public func save(to folder: String) throws {
    try ModelFolder.write(Self.kind, configuration, network: network, to: folder)
  }

  /// Reads a model from a folder.
  ///
  /// - Throws: an error of one line when a file is missing, damaged, or of another kind of model.
  public init(folder: String) throws {
    let configuration = try ModelFolder.configuration(
      Self.kind, as: ImageConfiguration.self, of: folder)
    do {
      self = try ModelFolder.unfilled { _ in try Self(filled: configuration, seed: 0) }
    } catch {
      throw ModelFolderError("\(ModelFolder.path("config.json", in: folder)): \(error)")
    }
    try ModelFolder.load(&network, from: folder)
  }

  /// The same model with other settings of what is around its network: augmentation, views, weights
  /// of losses, frozen layers.
  ///
  /// - Throws: one line for a setting out of range.
  public func changing(_ change: (inout ImageConfiguration) throws -> Void) throws -> Self {
    var settings = configuration
    try change(&settings)
    var network = network
    try network.freeze(settings.frozen)
    return Self(configuration: settings, pixels: try settings.pixels(), network: network)
  }

  /// What the network consists of, layer by layer.
  public var layerTable: LayerTable {
    get throws { try network.table }
  }
}
