import ArgumentParser
import Reel

/// What a model of images is unless options say otherwise.
enum ImageDefaults: TrainingDefaults {
  static var batch: Int { 64 }
}

/// Height and width, such as `32,32`.
struct WindowArgument: ExpressibleByArgument {
  let sizes: [Int]

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let height = numbers[0], let width = numbers[1], height > 0, width > 0
    else { return nil }
    sizes = [height, width]
  }
}

/// The samples of a pixel.
enum ChannelsArgument: String, ExpressibleByArgument, CaseIterable {
  case grey, rgb

  var channels: PNGImage.Channels { self == .grey ? .grey : .rgb }
}

/// What the network of a model of images is, and how images come to it.
struct ImageNetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The network, by its published name; `reel describe --help` lists them (default: \
      lenet-5-modern for classes, u-net-small for masks, lenet-5-modern for rectangles).
      """, valueName: "name"))
  var architecture: String?

  @Option(
    help: ArgumentHelp(
      """
      Start from what the model in this folder has learned; its last layer begins anew.
      """, valueName: "folder"))
  var from: String?

  @Option(
    help: ArgumentHelp(
      """
      With --from: a layer that stays as it is, with all under it, such as features.0; or \
      all-but-head. May be given several times.
      """, valueName: "path"))
  var freeze: [String] = []

  @Option(
    help: ArgumentHelp(
      "Height and width that the network sees, the middle of each image (default: all of it).",
      valueName: "h,w"))
  var window: WindowArgument?

  @Option(
    help: ArgumentHelp(
      "Turn the images of a folder into grey or rgb (default: as the first one is).",
      valueName: "channels"))
  var channels: ChannelsArgument?

  /// - Throws: a wrong argument for options that exclude each other.
  func check() throws {
    if from != nil, architecture != nil || window != nil {
      throw CommandError.wrongArgument(
        "--from and --architecture or --window: a model to start from has its own, one of them is "
          + "expected")
    }
    if from == nil, !freeze.isEmpty {
      throw CommandError.wrongArgument("--freeze \(freeze[0]): it needs --from")
    }
  }

  var frozenLayers: FrozenLayers {
    if freeze.contains("all-but-head") { return .allButHead }
    return freeze.isEmpty ? .none : .paths(freeze)
  }
}

/// How images are changed at random in training.
struct AugmentationOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Shift images by up to this many pixels (default: 0).", valueName: "pixels"))
  var shift: Int?

  @Flag(help: "Exchange left and right every second time.")
  var mirror = false

  @Flag(help: "Of images larger than --window take any part, not the middle.")
  var crop = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Scale by up to 1 + this, and down by as much (default: 0).", valueName: "f"))
  var scaling: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Turn by up to this many degrees (default: 0).", valueName: "degrees"))
  var rotation: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Add up to this to samples of 0 to 1, or take it away (default: 0).", valueName: "f"))
  var brightness: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Stretch samples about 0.5 by up to 1 + this, or shrink them (default: 0).", valueName: "f"))
  var contrast: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Replace a square of this side by the mean (default: 0, none).", valueName: "pixels"))
  var erasing: Int?

  func applied(to base: ImageAugmentation) -> ImageAugmentation {
    var augmentation = base
    augmentation.shift = shift ?? base.shift
    augmentation.mirrorsColumns = mirror || base.mirrorsColumns
    augmentation.crops = crop || base.crops
    augmentation.scaling = scaling ?? base.scaling
    augmentation.rotation = rotation ?? base.rotation
    augmentation.brightness = brightness ?? base.brightness
    augmentation.contrast = contrast ?? base.contrast
    augmentation.erasing = erasing ?? base.erasing
    return augmentation
  }
}
