import ReelLayers
import ReelSequence
import ReelTensor
import ReelText

/// One answer of a ``Seq2Seq`` model.
public struct Translation: Sendable, Equatable {
  public var text: String
  /// The tokens of the text.
  public var tokens: [Int32]
  /// What answers are ranked by: the log-probability after length normalization.
  public var score: Double
  /// Of all tokens and the end after them, in nats.
  public var logProbability: Double
  /// Where the model looked, when that was asked: a row for each token and one for the end, in it
  /// one weight for each token of the source.
  public var attention: [[Float]]?
}

/// How a ``Seq2Seq`` model looks for its answers.
public struct TranslationOptions: Sendable, Equatable {
  /// Hypotheses that are followed for each text; 1 is greedy.
  public var beam = 1
  /// Answers to each text, at most as many as the beam is wide.
  public var nBest = 1
  public var normalization = LengthNormalization.mean
  /// Whether answers come with their attention.
  public var givesAttention = false

  public init(
    beam: Int = 1, nBest: Int = 1, normalization: LengthNormalization = .mean,
    givesAttention: Bool = false
  ) {
    self.beam = beam
    self.nBest = nBest
    self.normalization = normalization
    self.givesAttention = givesAttention
  }

  /// - Throws: `ConfigurationError` that quotes the first setting out of range.
  public func validate() throws {
    try ConfigurationError.check("beam", beam, in: 1...100_000)
    try ConfigurationError.check("n-best", nBest, in: 1...beam)
  }
}

extension Seq2Seq {
  /// The best answers to a text.
  ///
  /// - Throws: `ConfigurationError` for a setting out of range, `TextError` for a text without
  ///   tokens, with too many, or with none that the vocabulary knows.
  public func translate(
    _ text: String, beam: Int = 1, nBest: Int = 1, normalization: LengthNormalization = .mean,
    givesAttention: Bool = false
  ) throws -> [Translation] {
    try translate(
      [text],
      TranslationOptions(
        beam: beam, nBest: nBest, normalization: normalization, givesAttention: givesAttention))[0]
  }

  /// The best answers to each of many texts, in batches of nearly equal length.
  ///
  /// - Throws: as for one text, with the place of the text, from 1.
  public func translate(
    _ texts: [String], _ options: TranslationOptions = TranslationOptions()
  ) throws -> [[Translation]] {
    try options.validate()
    var sources: [[Int32]] = []
    sources.reserveCapacity(texts.count)
    for (index, text) in texts.enumerated() {
      do {
        sources.append(try ids(of: text))
      } catch {
        throw texts.count == 1 ? error : TextError("text \(index + 1): \(error)")
      }
    }
    return translate(sources, options)
  }

  /// Rows of a batch of the decoder.
  private static let rows = 512

  /// The best answers to sources in tokens.
  func translate(_ sources: [[Int32]], _ options: TranslationOptions) -> [[Translation]] {
    var result = [[Translation]](repeating: [], count: sources.count)
    let order = sources.indices.sorted { (sources[$0].count, $0) < (sources[$1].count, $1) }
    let size = max(1, min(128, Self.rows / options.beam))
    for start in stride(from: 0, to: order.count, by: size) {
      let batch = Array(order[start..<min(order.count, start + size)])
      let answers = search(batch.map { sources[$0] }, options)
      for (place, row) in batch.enumerated() { result[row] = answers[place] }
    }
    return result
  }

  private func search(_ sources: [[Int32]], _ options: TranslationOptions) -> [[Translation]] {
    var none: RandomGenerator?
    let (memory, state) = network.encode(sources, using: &none)
    let steps = configuration.longestAnswer
    let stepper = AttentionDecoderStepper(
      network.decoder, memory: memory, state: state, sources: sources,
      rows: sources.count * options.beam, steps: steps)
    let search = BeamSearch(
      width: options.beam, normalization: options.normalization, end: network.end,
      excluding: target.unknownID.map { [$0] } ?? [])
    let found = search(
      start: network.start, maximumLengths: sources.map { _ in steps },
      step: stepper.logProbabilities)
    var answers = found.map { hypotheses in
      hypotheses.prefix(options.nBest).map { hypothesis in
        Translation(
          text: target.decode(hypothesis.tokens), tokens: hypothesis.tokens,
          score: hypothesis.score, logProbability: hypothesis.logProbability)
      }
    }
    if options.givesAttention {
      for (row, source) in sources.enumerated() {
        for place in answers[row].indices {
          answers[row][place].attention = attention(source, answers[row][place].tokens)
        }
      }
    }
    return answers
  }

  /// The attention of an answer, by feeding it to the decoder.
  private func attention(_ source: [Int32], _ tokens: [Int32]) -> [[Float]] {
    var none: RandomGenerator?
    let (memory, state) = network.encode([source], using: &none)
    let fed = TokenSequences([[network.start] + tokens])
    let (_, weights) = network.decoder(fed, memory: memory, state: state, using: &none)
    return (0..<weights.rows).map { weights[$0] }
  }
}
