import ArgumentParser
import Reel

extension RecurrentDirections: ExpressibleByArgument {}

/// The network that reads the sequences of a task, in one direction or both.
struct EncoderOptions<Defaults: EncoderDefaults>: ParsableArguments {
  @OptionGroup var layers: LayerOptions<Defaults>

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Which way it reads; a TCN reads back from each step (forward) or to both sides of it (default: \
      \(Defaults.encoder.directions)).
      """, valueName: "directions"))
  var directions: RecurrentDirections?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      Dropout between layers, or of whole channels in a TCN (default: \(Defaults.encoder.dropout)).
      """, valueName: "p"))
  var layerDropout: Float?

  @OptionGroup var states: StateOptions

  /// The encoder with what was given.
  func applied(to encoder: EncoderConfiguration) -> EncoderConfiguration {
    var encoder = layers.applied(to: encoder)
    encoder.directions = directions ?? encoder.directions
    encoder.dropout = layerDropout ?? encoder.dropout
    return states.applied(to: encoder)
  }
}

/// What may be done about the states of a recurrent network, in any direction.
struct StateOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Zoneout of the hidden state: the part that stays as it was (default: 0).",
      valueName: "p"))
  var zoneout: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The same of the cell state of an LSTM (default: 0).", valueName: "p"))
  var zoneoutCell: Float?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Features that the hidden state of an LSTM is projected to (default: it is not).",
      valueName: "n"))
  var projection: Int?

  @Flag(help: "Learn the state before the first step, which else is 0.")
  var learnInitialState = false

  /// The encoder with what was given.
  func applied(to encoder: EncoderConfiguration) -> EncoderConfiguration {
    var encoder = encoder
    encoder.zoneout = zoneout ?? encoder.zoneout
    encoder.zoneoutCell = zoneoutCell ?? encoder.zoneoutCell
    encoder.projectionSize = projection ?? encoder.projectionSize
    if learnInitialState { encoder.learnsInitialState = true }
    return encoder
  }
}
