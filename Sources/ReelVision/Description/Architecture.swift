import ReelLayers

/// A network as its paper gives it: layers as data, with the input and the classes it was published
/// for.
public struct Architecture: Sendable, Equatable, Codable {
  /// As it is asked for: `resnet-18`.
  public var name: String
  /// Where it was published, and whose choices are followed where the paper leaves them open.
  public var source: String
  /// [channel, height, width]
  public var input: [Int]
  public var classes: Int
  public var layers: NetworkDescription
  /// How the weights of hidden layers begin; those of the layers that have as many outputs as
  /// classes by `glorotUniform`.
  public var initialization: Initialization

  public init(
    name: String, source: String, input: [Int], classes: Int,
    initialization: Initialization = .heNormal, layers: NetworkDescription
  ) {
    (self.name, self.source, self.input, self.classes) = (name, source, input, classes)
    (self.initialization, self.layers) = (initialization, layers)
  }

  /// A published architecture by its name.
  ///
  /// - Throws: `NetworkError` that lists all names.
  public static func named(_ name: String) throws(NetworkError) -> Architecture {
    guard let found = all.first(where: { $0.name == name }) else {
      throw NetworkError(
        "architecture \"\(name)\": expected one of "
          + all.map(\.name).joined(separator: ", "))
    }
    return found
  }

  /// The architectures that ``named(_:)`` knows, the oldest first.
  public static let all: [Architecture] = [
    perceptron, twoLayer, leNet5, leNet5Modern, alexNet, alexNetGrouped, alexNetTorchvision, zfNet,
    networkInNetwork, networkInNetworkImageNet, vgg11, vgg13, vgg16, vgg19, vgg11Normalized,
    vgg13Normalized, vgg16Normalized, vgg19Normalized, googLeNet, googLeNetNormalized,
    recurrentLabelling, allConvolutional, inceptionV2, uNet, uNetSmall, fcn32, fcn16, fcn8,
    inceptionV3, plain18, plain34, resNet18, resNet34, resNet50, resNet101, resNet152,
    resNetCIFAR8, resNetCIFAR20, resNetCIFAR56, resNetCIFAR110, resNetCIFAR1202, inceptionV4,
    inceptionResNetV2, squeezeNet10, squeezeNet11, encoderDecoder, encoderDecoderWithSkips,
  ]
}
