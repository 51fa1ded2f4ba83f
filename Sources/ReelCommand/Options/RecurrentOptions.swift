import ArgumentParser
import Reel

/// The recurrent layers of a network, of every kind of model. An option that is not given is nil: a
/// new model takes the default, a resumed one keeps what it has.
struct RecurrentOptions<Defaults: TrainingDefaults>: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The recurrent cell (default: \(Defaults.encoder.cell.rawValue)).", valueName: "cell"))
  var cell: EncoderKind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Hidden units of each layer (default: \(Defaults.encoder.hiddenSize)).", valueName: "n"))
  var hidden: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Recurrent layers (default: \(Defaults.encoder.layers)).", valueName: "n"))
  var layers: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Variational dropout of the hidden state, one mask for a sequence (default: \
      \(Defaults.encoder.recurrentDropout)).
      """, valueName: "p"))
  var recurrentDropout: Float?

  /// The encoder with what was given.
  func applied(to encoder: EncoderConfiguration) -> EncoderConfiguration {
    var encoder = encoder
    encoder.cell = cell ?? encoder.cell
    encoder.hiddenSize = hidden ?? encoder.hiddenSize
    encoder.layers = layers ?? encoder.layers
    encoder.recurrentDropout = recurrentDropout ?? encoder.recurrentDropout
    return encoder
  }

  /// - Throws: a wrong argument where an option asks for another network than the checkpoint's.
  func checkAgreement(with saved: EncoderConfiguration) throws {
    let asked = applied(to: saved)
    try refuse("cell", asked.cell.rawValue, saved.cell.rawValue)
    try refuse("hidden", asked.hiddenSize, saved.hiddenSize)
    try refuse("layers", asked.layers, saved.layers)
    try refuse("recurrent-dropout", asked.recurrentDropout, saved.recurrentDropout)
  }
}

/// - Throws: a wrong argument that names the option when a resumed training would need another
///   value than the one it was started with.
func refuse<Value: Equatable>(_ option: String, _ asked: Value, _ saved: Value) throws {
  guard asked != saved else { return }
  throw CommandError.wrongArgument(
    "--\(option) \(asked): the training to resume was started with \(saved), which cannot change")
}
