import ArgumentParser
import Reel

/// `reel classify-images`: what images show.
struct ClassifyImagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify-images", abstract: "Say what images show.",
    discussion: """
      Prints a line for each PNG file: its name, the most probable class and the probability, with \
      tabs between. Of a model that also finds things, left, top, right and bottom in pixels follow.

      A file that cannot be read, or an image of another size or with other channels than the model \
      was trained on, is named on standard error; the others are answered, and the exit code is 1 at \
      the end.
      """)

  @Option(
    help: ArgumentHelp(
      "The folder of the model; several models answer together, with their mean.",
      valueName: "folder"))
  var model: [String]

  @Flag(help: "Average over the image and its mirror image.")
  var mirror = false

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Average over five windows of the image padded by this many pixels: its corners and its middle.
      """, valueName: "pixels"))
  var corners: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Print this many classes, the most probable first.", valueName: "n"))
  var top = 1

  @OptionGroup(title: "Machine") var machine: MachineOptions

  @Flag(
    help: """
      Print one JSON object for each file, with the probabilities of all classes; with the key error \
      where there is no answer.
      """)
  var json = false

  @Argument(help: ArgumentHelp("PNG files.", valueName: "file"))
  var files: [String]

  func run() throws {
    guard !model.isEmpty else {
      throw CommandError.wrongArgument("--model: at least 1 folder is expected")
    }
    guard top >= 1 else {
      throw CommandError.wrongArgument("top \(top): a number of at least 1 is expected")
    }
    let views = ImageViews(mirrors: mirror, corners: corners)
    try CommandError.checkingArguments { try views.validate() }
    let isWell = try machine.run {
      do {
        return try ModelFolder.kind(of: model[0]) == .imageLocalizer ? locate() : classify(views)
      } catch is StandardStreams.ClosedPipe {
        // The reader has had enough.
        return true
      }
    }
    if !isWell { throw ExitCode(1) }
  }

  private func classify(_ views: ImageViews) throws -> Bool {
    let models = try model.map { folder in
      let model = try ImageClassifier(folder: folder)
      return views == .one ? model : try model.changing { $0.views = views }
    }
    let ensemble = try ImageEnsemble(models)
    var output = LineOutput()
    return try ImageFiles.each(files, of: models[0]) { file, image in
      try write(file, try ensemble.classify(image), ensemble.classes, nil, &output)
    } problem: {
      try write($0, problem: $1, &output)
    }
  }

  private func locate() throws -> Bool {
    guard model.count == 1, !mirror, corners == nil else {
      throw CommandError.wrongArgument(
        "--mirror, --corners and several models: '\(model[0])' holds \(ModelKind.imageLocalizer.title), "
          + "which has none of them")
    }
    let localizer = try ImageLocalizer(folder: model[0])
    var output = LineOutput()
    return try ImageFiles.each(files, of: localizer) { file, image in
      let (answer, box) = try localizer.locate(image)
      try write(file, answer, localizer.configuration.classes, box, &output)
    } problem: {
      try write($0, problem: $1, &output)
    }
  }

  private func write(
    _ file: String, _ answer: Classification, _ classes: [String], _ box: BoundingBox?,
    _ output: inout LineOutput
  ) throws {
    if json {
      var object = JSONLine()
      object.add("file", file)
      object.add("label", answer.label)
      object.add("probability", answer.probability)
      object.add(
        "probabilities", zip(classes, answer.probabilities).map { (key: $0, value: $1) })
      if let box { object.add("box", [[box.left, box.top, box.right, box.bottom]]) }
      try output.write(line: object.closed)
    } else {
      let order = classes.indices.sorted {
        (answer.probabilities[$1], $0) < (answer.probabilities[$0], $1)
      }
      var cells = [PieceWriter.escaped(file)]
      for index in order.prefix(top) {
        cells.append(PieceWriter.escaped(classes[index]))
        cells.append(TextFormat.fixed(Double(answer.probabilities[index]), 4))
      }
      if let box {
        cells += [box.left, box.top, box.right, box.bottom].map {
          TextFormat.fixed(Double($0), 1)
        }
      }
      try output.write(line: cells.joined(separator: "\t"))
    }
    try output.flush()
  }

  private func write(_ file: String, problem: String, _ output: inout LineOutput) throws {
    guard json else { return }
    var object = JSONLine()
    object.add("file", file)
    object.add("error", problem)
    try output.write(line: object.closed)
    try output.flush()
  }
}
