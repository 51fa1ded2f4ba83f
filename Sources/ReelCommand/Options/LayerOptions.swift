import ArgumentParser
import Reel

/// The layers that read or write sequences, of every kind of model. An option that is not given is nil: a
/// new model takes the default, a resumed one keeps what it has.
struct LayerOptions<Defaults: EncoderDefaults>: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The recurrent cell, or tcn for a temporal convolutional network (default: \
      \(Defaults.encoder.cell.rawValue)).
      """, valueName: "cell"))
  var cell: EncoderKind?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Hidden units of each layer, or channels of each block of a TCN (default: \
      \(Defaults.encoder.hiddenSize)).
      """, valueName: "n"))
  var hidden: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Recurrent layers, or blocks of a TCN (default: \(Defaults.encoder.layers)).",
      valueName: "n"))
  var layers: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Steps that each of the two convolutions in a block of a TCN reads (default: \
      \(Defaults.encoder.kernelSize)).
      """, valueName: "n"))
  var kernel: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      How much farther apart these steps are from block to block, beginning with 1 (default: \
      \(Defaults.encoder.dilationBase)).
      """, valueName: "n"))
  var dilationBase: Int?

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
    encoder.kernelSize = kernel ?? encoder.kernelSize
    encoder.dilationBase = dilationBase ?? encoder.dilationBase
    encoder.recurrentDropout = recurrentDropout ?? encoder.recurrentDropout
    return encoder
  }

  /// - Throws: a wrong argument where an option asks for another network than the checkpoint's.
  func checkAgreement(with saved: EncoderConfiguration) throws {
    let asked = applied(to: saved)
    try refuse("cell", asked.cell.rawValue, saved.cell.rawValue)
    try refuse("hidden", asked.hiddenSize, saved.hiddenSize)
    try refuse("layers", asked.layers, saved.layers)
    try refuse("kernel", asked.kernelSize, saved.kernelSize)
    try refuse("dilation-base", asked.dilationBase, saved.dilationBase)
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
