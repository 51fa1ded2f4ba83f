import ReelLayers

/// One layer of a network as data: what it does and how large it is, without its weights. The number
/// of channels that come in follows from the layers before it.
public indirect enum LayerDescription: Sendable, Equatable, Codable {
  // Layers with parameters.

  /// A convolution; padding on both sides of each axis. `weight` [out, in/groups, kernel…], `bias`.
  case convolution(
    Width, kernel: Extent, stride: Extent = 1, padding: Extent = 0, dilation: Extent = 1,
    groups: Int = 1, bias: Bool = true)
  /// A transposed convolution. `bilinear`: its weights begin as bilinear interpolation of each
  /// channel by itself (Long, Shelhamer and Darrell 2015).
  case transposedConvolution(
    Width, kernel: Extent, stride: Extent = 1, padding: Extent = 0, outputPadding: Extent = 0,
    bias: Bool = true, bilinear: Bool = false)
  /// A convolution in which an output channel sees only some input channels (LeCun et al. 1998,
  /// table I).
  case tableConvolution(ConnectionTable, kernel: Extent)
  /// An affine map of a vector. `weight` [out, in], `bias`.
  case linear(Width, bias: Bool = true)
  /// Minus the squared distance of a vector from the fixed code of each class (LeCun et al. 1998).
  case radialBasis(Width)
  /// Batch normalization of each channel.
  case batchNorm(epsilon: Float = 1e-5)
  /// The sum of each window times a trained coefficient, plus a trained bias, one of each for a
  /// channel (LeCun et al. 1998).
  case subsampling(Int)
  /// max(x, 0) + a·min(x, 0) with one trained a for all channels, or one for each (He et al. 2015).
  case parametricReLU(perChannel: Bool = true)

  // Layers without.

  case localResponseNorm(size: Int = 5, alpha: Float = 1e-4, beta: Float = 0.75, k: Float = 2)
  case activation(Activation)
  /// `stride` is the window itself where nil; `roundsUp` is PyTorch's ceil mode.
  case maxPooling(Extent, stride: Extent? = nil, padding: Extent = 0, roundsUp: Bool = false)
  case averagePooling(
    Extent, stride: Extent? = nil, padding: Extent = 0, roundsUp: Bool = false,
    countsPadding: Bool = true)
  /// The average over as many windows as asked for, whatever the input's size.
  case adaptiveAveragePooling(Extent)
  /// The average of each channel: maps become a vector.
  case globalAveragePooling
  /// Both axes become `scale` times as long.
  case upsampling(scale: Int, by: Interpolation = .bilinear)
  /// Zeros around maps that are smaller, as many on both sides as can be; larger ones stay.
  case padding(to: Extent)
  /// Maps become a vector, channel by channel.
  case flatten
  case dropout(Float)
  case spatialDropout(Float)
  /// Every `stride`-th position, and zero channels before and after the given ones: the shortcut
  /// without parameters (He et al. 2016, option A).
  case widening(Width, stride: Extent = 1)

  // Layers made of layers.

  /// One after the other, under a name of its own.
  case sequence(NetworkDescription)
  /// then(scale·body(x) + shortcut(x)); an empty shortcut is x itself. Both name their layers in the
  /// same scope.
  case residual(
    NetworkDescription, shortcut: NetworkDescription = [], scale: Float = 1,
    then: Activation? = .relu)
  /// The channels of all branches side by side. All name their layers in the same scope.
  case branches([NetworkDescription])
  /// Keeps what comes in under a name, and hands it on.
  case save(String)
  /// What was kept under a name, through some layers more, joined with what comes in.
  case join(
    String, through: NetworkDescription = [], crop: Crop = .none, by: JoinDescription = .sum)
  /// The part of the maps that has the height and width of what was kept under a name; "input" is
  /// the image. From `offset` on both axes, or from the centre where nil.
  case crop(toSizeOf: String, offset: Int? = nil)
  /// A classifier beside the network, which only training looks at: what comes in passes by.
  case auxiliary(NetworkDescription)
  /// The same layers several times, each time on the image with their own last output beside it
  /// (Pinheiro and Collobert 2014); zeros at first. Height and width must stay.
  case recurrent(NetworkDescription, steps: Int)
}

/// How a kept map is cut before it is joined.
public enum Crop: Sendable, Equatable, Codable {
  case none
  /// To the height and width of the other, around the centre.
  case center
  /// To the height and width of the other, from this position on both axes.
  case offset(Int)
}

/// How a kept map is joined with what comes in.
public enum JoinDescription: String, Sendable, Equatable, Codable {
  case sum
  /// Channels side by side, the kept ones first.
  case concatenation
}

extension LayerDescription {
  /// max(x, 0)
  public static var relu: LayerDescription { .activation(.relu) }
  /// tanh x
  public static var tanh: LayerDescription { .activation(.tanh) }
}
