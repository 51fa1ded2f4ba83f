import Reel

/// What the tool has to know of a kind of model of images.
protocol ImageTaskModel: ImageModel, TaskModel {
  static var task: ImageData.Task { get }

  /// Reads a folder of PNG.
  static func read(
    _ folder: String, channels: PNGImage.Channels?, classes: [String]?
  ) throws -> ImageSet<Target>

  /// Reads a folder of IDX files.
  static func readIDX(
    _ folder: String, part: ImagePart, classes: [String]?
  ) throws -> ImageSet<Target>

  /// The class of an example, so that each has its share of what is held out; 0 where there is none.
  static func label(of target: Target) -> Int
}

extension ImageTaskModel {
  static var itemName: String { "images" }

  var facts: [String] {
    var facts = [
      configuration.architecture.name, "images of \(pixels.image)",
      TextFormat.counted(configuration.classes.count, "class", plural: "classes"),
    ]
    if pixels.window != pixels.image { facts.append("seen as \(pixels.window)") }
    if !configuration.frozen.isEmpty {
      facts.append("\(TextFormat.counted(configuration.frozen.count, "layer")) frozen")
    }
    return facts
  }

  static func readIDX(
    _ folder: String, part: ImagePart, classes: [String]?
  ) throws -> ImageSet<Target> {
    throw CommandError("'\(folder)' holds IDX files, which have one class for each image")
  }
}

extension ImageClassifier: ImageTaskModel {
  static var task: ImageData.Task { .classification }

  static func read(
    _ folder: String, channels: PNGImage.Channels?, classes: [String]?
  ) throws -> LabelledImages {
    try LabelledImages(folder: folder, channels: channels, classes: classes)
  }

  static func readIDX(
    _ folder: String, part: ImagePart, classes: [String]?
  ) throws -> LabelledImages {
    let set = try LabelledImages(idx: folder, part: part)
    guard let classes, classes != set.classes else { return set }
    // The test part may lack the last classes, whose names are numbers then.
    let highest = Int(set.examples.map(\.target).max() ?? 0)
    guard highest < classes.count else {
      throw CommandError(
        "'\(folder)' holds the class \(highest), the model knows 0 to \(classes.count - 1)")
    }
    return LabelledImages(shape: set.shape, classes: classes, examples: set.examples)
  }

  static func label(of target: Int32) -> Int { Int(target) }

  static func report(of evaluation: ClassificationEvaluation) -> EvaluationReport {
    var report = EvaluationReport(evaluation, items: itemName)
    report.fields["error_rate"] = .number(evaluation.errorRate)
    return report
  }
}

extension ImageSegmenter: ImageTaskModel {
  static var task: ImageData.Task { .segmentation }

  static func read(
    _ folder: String, channels: PNGImage.Channels?, classes: [String]?
  ) throws -> SegmentedImages {
    try SegmentedImages(folder: folder, channels: channels, classes: classes)
  }

  static func label(of target: [UInt8]) -> Int { 0 }

  static func report(of evaluation: SegmentationEvaluation) -> EvaluationReport {
    let confusion = evaluation.confusion
    var table = TextTable([
      ("class", .left), ("IoU", .right), ("pixels", .right),
    ])
    var perClass: [String: JSONField] = [:]
    for (index, label) in confusion.labels.enumerated() {
      let overlap = confusion.intersectionOverUnion(index)
      table.add([
        PieceWriter.escaped(label), EvaluationReport.percent(overlap),
        TextFormat.grouped(confusion.goldCount(index)),
      ])
      perClass[label] = .object([
        "iou": .number(overlap), "pixels": .integer(confusion.goldCount(index)),
      ])
    }
    return EvaluationReport(
      fields: [
        "loss": .number(evaluation.loss),
        "mean_iou": .number(evaluation.meanIntersectionOverUnion),
        "pixel_accuracy": .number(evaluation.pixelAccuracy), "per_class": .object(perClass),
        "examples": .integer(evaluation.images),
      ],
      summary: "mean IoU \(EvaluationReport.percent(evaluation.meanIntersectionOverUnion)), pixels "
        + "right \(EvaluationReport.percent(evaluation.pixelAccuracy)), loss "
        + "\(TextFormat.fixed(evaluation.loss, 4)) nats",
      details: table.text)
  }
}

extension ImageLocalizer: ImageTaskModel {
  static var task: ImageData.Task { .localization }

  static func read(
    _ folder: String, channels: PNGImage.Channels?, classes: [String]?
  ) throws -> LocatedObjects {
    try LocatedObjects(folder: folder, channels: channels, classes: classes)
  }

  static func label(of target: LocatedClass) -> Int { Int(target.label) }

  static func report(of evaluation: LocalizationEvaluation) -> EvaluationReport {
    EvaluationReport(
      fields: [
        "loss": .number(evaluation.loss), "accuracy": .number(evaluation.accuracy),
        "class_accuracy": .number(evaluation.classAccuracy),
        "mean_iou": .number(evaluation.meanIntersectionOverUnion),
        "examples": .integer(evaluation.confusion.total),
      ],
      summary: "named and found \(EvaluationReport.percent(evaluation.accuracy)), named "
        + "\(EvaluationReport.percent(evaluation.classAccuracy)), mean IoU of rectangles "
        + "\(EvaluationReport.percent(evaluation.meanIntersectionOverUnion))")
  }
}
