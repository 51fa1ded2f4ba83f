import ReelVision

/// Every hyper-parameter of a model of images: what `config.json` holds.
public struct ImageConfiguration: Codable, Sendable, Equatable {
  /// The layers of the network, as data: those of ``ReelVision/Architecture/all``, or of your own.
  public var architecture: Architecture
  /// The shape of the images that come; filled from the training set where it is nil.
  public var images: ImageShape?
  /// Height and width of what the network sees: the middle of larger images, and smaller ones with
  /// black around; nil: the images as they are.
  public var window: [Int]?
  /// The names of the classes in the order of their numbers; filled from the training set.
  public var classes: [String] = []
  /// What pixels are made of before the network sees them; filled from the training set where it is
  /// nil.
  public var normalization: ImageNormalization?
  /// How images are changed at random in training.
  public var augmentation = ImageAugmentation()
  /// What predictions are averaged over.
  public var views = ImageViews.one
  /// The weight of the losses of classifiers beside the network (Szegedy et al. 2015).
  public var auxiliaryWeight: Float = 0.3
  /// The weight of the rectangle's loss beside that of the class; of a localizer alone.
  public var boxWeight: Float = 10
  /// Paths of layers that a training leaves as they are, with all that lies under them; their batch
  /// normalizations use the moving statistics.
  public var frozen: [String] = []

  public init(_ architecture: Architecture) { self.architecture = architecture }

  /// A published architecture by its name.
  ///
  /// - Throws: `NetworkError` that lists the names there are.
  public init(architecture name: String) throws {
    self.init(try Architecture.named(name))
  }

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try images?.validate("image")
    if let window {
      guard window.count == 2, window.allSatisfy({ (1...65_536).contains($0) }) else {
        throw ConfigurationError(
          "window \(window): a height and a width from 1 to 65536 are expected")
      }
    }
    try augmentation.validate()
    try views.validate()
    try ConfigurationError.check("auxiliary weight", auxiliaryWeight, "a number of at least 0") {
      $0 >= 0
    }
    try ConfigurationError.check("box weight", boxWeight, "a number of at least 0") { $0 >= 0 }
  }

  /// With everything that a training set says.
  func filled<Target>(from set: ImageSet<Target>) throws -> ImageConfiguration {
    var result = self
    guard set.count > 0 else {
      throw ConfigurationError("the training set is empty: at least 1 image is expected")
    }
    guard images == nil || images == set.shape else {
      throw ConfigurationError(
        "images of \(set.shape), \(images?.description ?? "others") are expected")
    }
    guard classes.isEmpty || classes == set.classes else {
      throw ConfigurationError(
        "the classes \(Self.list(set.classes)), \(Self.list(classes)) are expected")
    }
    guard set.classes.count >= 2 else {
      throw ConfigurationError(
        "the classes \(Self.list(set.classes)): at least 2 are expected")
    }
    (result.images, result.classes) = (set.shape, set.classes)
    result.normalization = normalization ?? set.normalization
    try result.validate()
    try result.normalization?.validate(channels: set.shape.channels)
    return result
  }

  private static func list(_ names: [String]) -> String {
    names.map { "\"\($0)\"" }.joined(separator: ", ")
  }

  /// How bytes become what the network sees.
  ///
  /// - Throws: `ConfigurationError` where the configuration is not filled.
  func pixels() throws -> ImagePixels {
    guard let images, let normalization, classes.count >= 2 else {
      throw ConfigurationError(
        "a configuration without image shape, normalization or classes: all are expected")
    }
    try validate()
    try normalization.validate(channels: images.channels)
    let window = window.map { images.resized(height: $0[0], width: $0[1]) }
    return ImagePixels(image: images, window: window ?? images, normalization: normalization)
  }
}
