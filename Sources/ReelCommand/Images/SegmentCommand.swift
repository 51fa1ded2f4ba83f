import ArgumentParser
import Reel

/// `reel segment`: what every pixel of an image shows.
struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment", abstract: "Say what every pixel of an image shows.",
    discussion: """
      Writes a PNG file of one channel whose samples are the numbers of classes, and says which \
      share of the pixels each class has.
      """)

  @Option(help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var model: String

  @Argument(help: ArgumentHelp("A PNG file.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("The mask to be written.", valueName: "file"))
  var output: String

  @Flag(help: "Write the classes as colours, to look at.")
  var colors = false

  @Flag(help: "Average over the image and its mirror image.")
  var mirror = false

  @OptionGroup(title: "Machine") var machine: MachineOptions

  @Flag(help: "Print one line of JSON.")
  var json = false

  func run() throws {
    try machine.run {
      var segmenter = try ImageSegmenter(folder: model)
      if mirror { segmenter = try segmenter.changing { $0.views.mirrors = true } }
      let image = try PNGImage(path: file)
      let mask = try segmenter.segment(image, named: file)
      try (colors ? mask.coloredLabels : mask).write(to: output)
      var counts = [Int](repeating: 0, count: 256)
      for label in mask.bytes { counts[Int(label)] += 1 }
      let classes = segmenter.configuration.classes
      let shares = classes.indices.map { Double(counts[$0]) / Double(mask.bytes.count) }
      do {
        if json {
          try JSONOutput.write(
            JSONField.object([
              "file": .text(file), "output": .text(output), "height": .integer(mask.height),
              "width": .integer(mask.width),
              "shares": .object(
                Dictionary(
                  zip(classes, shares.map { JSONField.number($0) }), uniquingKeysWith: { $1 })),
            ]))
        } else {
          var table = TextTable([("class", .left), ("pixels", .right)])
          for (name, share) in zip(classes, shares) {
            table.add([PieceWriter.escaped(name), EvaluationReport.percent(share)])
          }
          try StandardStreams.write(table.text)
        }
      } catch is StandardStreams.ClosedPipe {}
    }
  }
}
