import ArgumentParser
import Reel

/// `reel convert`: a model with smaller weights.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Write a model again with its weights in fewer bits, for serving.",
    discussion: """
      The matrices of embeddings, recurrent and linear layers are rounded once and stored as bf16 \
      (16 bits, half the size) or int8 (8 bits with a scale for each row, a quarter); biases, \
      normalizations and convolutions stay 32 bits wide. Every command reads such a model as any \
      other. Text is generated faster from it, since a step at a time takes as long as its weights \
      take to be read. Check what the rounding costs with 'reel evaluate' on both models.

      The checkpoint of a training is not copied: go on training the model that was converted.
      """)

  @Option(help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var model: String

  @Option(help: ArgumentHelp("How to hold the weights.", valueName: "format"))
  var weights: WeightFormat

  @Option(help: ArgumentHelp("The folder of the new model; it is made.", valueName: "folder"))
  var output: String

  @Flag(help: "Replace the model in the output folder.")
  var overwrite = false

  @Flag(help: "Print one line of JSON.")
  var json = false

  /// What `--json` prints.
  private struct Result: Encodable {
    let model: String
    let output: String
    let kind: ModelKind
    let weights: WeightFormat
    let matrices: Int
    let weightsConverted: Int
    let bytesBefore: Int
    let bytesAfter: Int
  }

  func run() throws {
    let folder = OutputFolder(path: output)
    if !overwrite { try folder.checkIsFree(advice: "add --overwrite to replace it") }
    try ModelFolder.checkAreDifferent(model, output)
    let done = try folder.save(replacesOther: overwrite) {
      try ModelFolder.convert(model, weights: weights, to: $0)
    }
    do {
      if json {
        try JSONOutput.write(
          Result(
            model: model, output: output, kind: done.kind, weights: weights,
            matrices: done.matrices, weightsConverted: done.weights,
            bytesBefore: done.bytesBefore, bytesAfter: done.bytesAfter))
      } else {
        try StandardStreams.write(
          """
          \(done.kind.title): \(TextFormat.grouped(done.weights)) weights in \(done.matrices) \
          matrices as \(weights.rawValue), \(TextFormat.grouped(done.bytesBefore)) bytes before, \
          \(TextFormat.grouped(done.bytesAfter)) after

          """)
      }
    } catch is StandardStreams.ClosedPipe {}
  }
}

extension WeightFormat: ExpressibleByArgument {}
