import ArgumentParser
import Reel

extension RecurrentDirections: ExpressibleByArgument {}

/// The network that reads the sequences of a task, in one direction or both.
struct EncoderOptions<Defaults: TrainingDefaults>: ParsableArguments {
  @OptionGroup var recurrent: RecurrentOptions<Defaults>

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Which way it reads (default: \(Defaults.encoder.directions)).", valueName: "directions"))
  var directions: RecurrentDirections?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Dropout between layers (default: \(Defaults.encoder.dropout)).", valueName: "p"))
  var layerDropout: Float?

  /// The encoder with what was given.
  func applied(to encoder: EncoderConfiguration) -> EncoderConfiguration {
    var encoder = recurrent.applied(to: encoder)
    encoder.directions = directions ?? encoder.directions
    encoder.dropout = layerDropout ?? encoder.dropout
    return encoder
  }

  /// - Throws: a wrong argument where an option asks for another network than the checkpoint's.
  func checkAgreement(with saved: EncoderConfiguration) throws {
    try recurrent.checkAgreement(with: saved)
    try refuse("directions", (directions ?? saved.directions).rawValue, saved.directions.rawValue)
    try refuse("layer-dropout", layerDropout ?? saved.dropout, saved.dropout)
  }
}
