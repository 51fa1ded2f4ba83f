import ArgumentParser
import Reel

extension NormalizationForm: ExpressibleByArgument {
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

/// What happens to a text before it is cut into tokens.
struct NormalizationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Bring the text into this Unicode form first (default: the kind's own).", valueName: "form"))
  var normalization: NormalizationForm?

  @Flag(help: "Take accents and other marks away from letters.")
  var stripAccents = false

  @Flag(help: "Turn capital letters into small ones.")
  var lowercase = false

  /// The steps that were asked for; nil where none is.
  var normalizer: Normalizer? {
    var steps: [Normalizer] = []
    if let normalization { steps.append(.form(normalization)) }
    let endsDecomposed = normalization == .nfd || normalization == .nfkd
    if stripAccents {
      // Only in a decomposed text do marks stand apart from their letters.
      if !endsDecomposed { steps.append(.form(.nfd)) }
      steps.append(.stripAccents)
    }
    if lowercase { steps.append(.lowercase) }
    if stripAccents && !endsDecomposed { steps.append(.form(.nfc)) }
    return steps.count > 1 ? .sequence(steps) : steps.first
  }
}
