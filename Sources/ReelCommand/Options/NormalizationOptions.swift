import ArgumentParser
import Reel

extension NormalizationForm: ExpressibleByArgument {
  public init?(argument: String) { self.init(rawValue: argument.uppercased()) }
}

/// What happens to a text before it is cut into tokens.
struct NormalizationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Bring the text into this Unicode form first (default: NFKC for bpe and unigram, else none).",
      valueName: "form"))
  var normalization: NormalizationForm?

  @Flag(help: "Take accents and other marks away from letters.")
  var stripAccents = false

  @Flag(
    inversion: .prefixedNo,
    help: "Turn capital letters into small ones, which wordpiece does unless told otherwise.")
  var lowercase: Bool?

  var isGiven: Bool { normalization != nil || stripAccents || lowercase != nil }

  /// The normalizer of a kind of tokenizers, with what was asked for.
  func applied(to normalizer: Normalizer?) -> Normalizer? {
    guard isGiven else { return normalizer }
    var steps: [Normalizer]
    switch normalizer {
    case .bert(var bert)?:
      bert.lowercases = lowercase ?? bert.lowercases
      if stripAccents { bert.stripsAccents = true }
      steps = (normalization.map { [.form($0)] } ?? []) + [.bert(bert)]
    case .form(let form)?: steps = self.steps(normalization ?? form)
    case .sequence(let parts)?:
      guard case .form(let form)? = parts.first else {
        steps = self.steps(normalization) + parts
        break
      }
      steps = self.steps(normalization ?? form) + parts.dropFirst()
    default: steps = self.steps(normalization) + (normalizer.map { [$0] } ?? [])
    }
    return steps.count > 1 ? .sequence(steps) : steps.first
  }

  private func steps(_ form: NormalizationForm?) -> [Normalizer] {
    var steps: [Normalizer] = form.map { [.form($0)] } ?? []
    let endsDecomposed = form == .nfd || form == .nfkd
    if stripAccents {
      // Only in a decomposed text do marks stand apart from their letters.
      if !endsDecomposed { steps.append(.form(.nfd)) }
      steps.append(.stripAccents)
    }
    if lowercase == true { steps.append(.lowercase) }
    if stripAccents && !endsDecomposed { steps.append(.form(.nfc)) }
    return steps
  }
}
