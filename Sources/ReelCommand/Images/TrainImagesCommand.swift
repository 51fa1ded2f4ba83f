import ArgumentParser
import Reel

/// `reel train images`: from a folder of images to a model folder.
struct TrainImagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract: "Train a model of images, and save it in a folder.",
    discussion: """
      What is learned depends on what the data are. MNIST's IDX files, or a folder for each class \
      with PNG files in it: what an image shows. images/NAME.png and masks/NAME.png, whose samples \
      are numbers of classes: what every pixel shows. images/NAME.png and boxes.tsv with a name, a \
      class, left, top, right and bottom on each line: what an image shows, and where. Folders train \
      and test may each hold such a set; what lies in test is left alone, for `reel evaluate`.

      The model with the best held-out result is what the folder holds: the highest accuracy, the \
      highest mean intersection over union, or the most things named and found.

      \(TaskTrainingHelp.resuming)
      """)

  @Option(
    help: ArgumentHelp(
      "A folder of images, or mnist or fashion-mnist as corpora/get has fetched them.",
      valueName: "folder"))
  var data: String

  @Option(
    help: ArgumentHelp(
      "A folder of the same kind that chooses the best model (default: a part of the data).",
      valueName: "folder"))
  var validation: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The part of the data that is held out for that where there is no --validation, always the \
      same; 0 for none: the last model is then kept (default: 0.1).
      """, valueName: "share"))
  var validationFraction: Double?

  @OptionGroup var output: OutputOptions
  @OptionGroup(title: "Network") var network: ImageNetworkOptions
  @OptionGroup(title: "Augmentation") var augmentation: AugmentationOptions
  @OptionGroup var options: TaskTrainingOptions<ImageDefaults>

  func run() throws {
    try output.check()
    try network.check()
    if let validationFraction {
      guard validation == nil, validationFraction >= 0, validationFraction < 1 else {
        throw CommandError.wrongArgument(
          "validation fraction \(validationFraction): a number of at least 0 and below 1 is "
            + "expected, and no --validation")
      }
    }
    try CommandError.checkingArguments {
      try augmentation.applied(to: ImageAugmentation()).validate()
      if let name = network.architecture { _ = try Architecture.named(name) }
    }
    let data = try ImageData(data)
    switch data.task {
    case .classification: try train(ImageClassifier.self, data, standard: "lenet-5-modern")
    case .segmentation: try train(ImageSegmenter.self, data, standard: "u-net-small")
    case .localization: try train(ImageLocalizer.self, data, standard: "lenet-5-modern")
    }
  }

  private func train<Model: ImageTaskModel>(
    _ type: Model.Type, _ data: ImageData, standard: String
  ) throws {
    try TrainingSession.run(output, options.machine) { folder in
      try output.resume
        ? resumed(type, data) : new(type, data, standard: standard, folder)
    }
  }

  private func new<Model: ImageTaskModel>(
    _ type: Model.Type, _ data: ImageData, standard: String, _ folder: OutputFolder
  ) throws -> (Trainer<Model>, heldOut: [Model.Example]) {
    var settings = TrainingSettings()
    try options.apply(to: &settings, isNew: true, holdsOut: validationFraction != 0)
    if !output.overwrite { try folder.checkIsFree() }
    let old = try network.from.map { try Model(folder: $0) }
    let channels =
      network.channels?.channels
      ?? old.flatMap { PNGImage.Channels(rawValue: $0.pixels.image.channels) }
    let (training, heldOut) = try read(type, data, channels: channels, classes: nil)
    let model: Model
    if let old {
      var start = try old.transferred(
        to: training, freezing: network.frozenLayers, seed: settings.seed)
      start = try start.changing {
        $0.augmentation = augmentation.applied(to: $0.augmentation)
      }
      model = start
    } else {
      var configuration = try ImageConfiguration(
        architecture: network.architecture ?? standard)
      configuration.window = network.window?.sizes
      configuration.augmentation = augmentation.applied(to: configuration.augmentation)
      model = try Model(images: training, configuration: configuration, seed: settings.seed)
    }
    let trainer = try Trainer(
      model, training: training.examples, validation: heldOut, settings: settings)
    return (trainer, heldOut)
  }

  private func resumed<Model: ImageTaskModel>(
    _ type: Model.Type, _ data: ImageData
  ) throws -> (Trainer<Model>, heldOut: [Model.Example]) {
    let model = try Model(folder: output.output)
    try checkAgreement(with: model.configuration)
    let (training, heldOut) = try read(
      type, data, channels: PNGImage.Channels(rawValue: model.pixels.image.channels),
      classes: model.configuration.classes)
    guard training.shape == model.pixels.image else {
      throw CommandError(
        "'\(data.path)' holds images of \(training.shape), the training to resume was started with "
          + "\(model.pixels.image)")
    }
    let trainer = try Trainer<Model>(
      resuming: output.output, training: training.examples, validation: heldOut
    ) { settings in
      try options.apply(to: &settings, isNew: false, holdsOut: !heldOut.isEmpty)
    }
    return (trainer, heldOut)
  }

  /// - Throws: a wrong argument where an option asks for another model than the checkpoint's.
  private func checkAgreement(with saved: ImageConfiguration) throws {
    if let name = network.architecture, name != saved.architecture.name {
      throw CommandError.wrongArgument(
        "architecture \(name): the training to resume was started with "
          + "\(saved.architecture.name), which cannot change")
    }
    if let window = network.window?.sizes, window != saved.window {
      let before = saved.window.map { "\($0[0]),\($0[1])" } ?? "none"
      throw CommandError.wrongArgument(
        "window \(window[0]),\(window[1]): the training to resume was started with \(before), which "
          + "cannot change")
    }
    try refuseChange(
      to: augmentation.applied(to: saved.augmentation), from: saved.augmentation)
  }

  /// The images to train on, and those that are held out.
  private func read<Model: ImageTaskModel>(
    _ type: Model.Type, _ data: ImageData, channels: PNGImage.Channels?, classes: [String]?
  ) throws -> (training: ImageSet<Model.Target>, heldOut: [Model.Example]) {
    let all = try data.read(.training, type, channels: channels, classes: classes)
    if let validation {
      let other = try ImageData(validation)
      try other.checkTask(Model.task)
      let heldOut = try other.read(
        .training, type, channels: PNGImage.Channels(rawValue: all.shape.channels),
        classes: all.classes)
      guard heldOut.shape == all.shape else {
        throw CommandError(
          "'\(other.path)' holds images of \(heldOut.shape), \(all.shape) are expected as in "
            + "'\(data.path)'")
      }
      return (all, heldOut.examples)
    }
    let fraction = validationFraction ?? ExampleOptions.standardFraction
    // The same part whatever the seed, so that a training can be resumed and others compared.
    var generator = RandomGenerator(seed: 0)
    let parts = Splits.parts(
      classes: all.examples.map { Model.label(of: $0.target) },
      fractions: [1 - fraction, fraction], using: &generator)
    return (all.selecting(parts[0]), parts[1].map { all.examples[$0] })
  }
}
