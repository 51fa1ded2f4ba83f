import ReelLayers
import ReelSequence
import ReelTensor
import ReelText

extension LanguageModel {
  /// Text that goes on from a prompt.
  ///
  /// - Parameters:
  ///   - prompt: read first and not repeated in the result. Characters that the model has never
  ///     seen are read as unknown; `tokenizer.encodePrompt` tells which. An empty prompt starts
  ///     after a line end.
  ///   - length: tokens to write.
  ///   - seed: the same seed gives the same text.
  /// - Throws: `SamplingError` or `ConfigurationError` for a setting out of range; `SamplingError`
  ///   for a model whose scores are no numbers.
  public func generate(
    prompt: String = "", length: Int, sampling: Sampling = Sampling(), seed: UInt64 = 0
  ) throws -> String {
    var text = ""
    try generate(prompt: prompt, length: length, sampling: sampling, seed: seed) { text += $0 }
    return text
  }

  /// The same, piece by piece as it is written; a piece is never cut within a character's bytes.
  public func generate(
    prompt: String = "", length: Int, sampling: Sampling = Sampling(), seed: UInt64 = 0,
    _ write: (String) throws -> Void
  ) throws {
    try sampling.validate()
    try ConfigurationError.check("length", length, in: 0...Int.max)
    var ids = tokenizer.encodePrompt(prompt).ids
    if ids.isEmpty { ids = tokenizer.encode("\n") }
    // A tokenizer of words leaves white space out.
    if ids.isEmpty { ids = [tokenizer.unknownID ?? 0] }
    var generator = RandomGenerator(seed: seed)
    var decoder = StreamingDecoder(tokenizer)
    let stepper = network.stepper(state: readPrompt(ids.dropLast()))
    var id = ids[ids.count - 1]
    for _ in 0..<length {
      let scores = stepper.scores(after: id)
      guard !scores.maximum().isNaN else {
        throw SamplingError("the model's scores are not numbers: its weights are damaged")
      }
      id = sampling.sample(scores, excluding: tokenizer.unknownID, using: &generator)
      let piece = decoder.append(id)
      if !piece.isEmpty { try write(piece) }
    }
    let rest = decoder.finish()
    if !rest.isEmpty { try write(rest) }
  }

  /// Tokens of a prompt that are read at a time: its length costs no memory.
  private static let promptWindow = 512

  /// The state after all of these tokens.
  private func readPrompt(_ ids: ArraySlice<Int32>) -> SequenceEncoder.State? {
    var state: SequenceEncoder.State?
    for start in stride(from: ids.startIndex, to: ids.endIndex, by: Self.promptWindow) {
      let window = Array(ids[start..<min(ids.endIndex, start + Self.promptWindow)])
      state = network(TokenSequences([window]), state: state).state
    }
    return state
  }
}
