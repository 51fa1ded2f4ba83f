import ReelSequence
import ReelTensor
import ReelText

extension TextGenerator {
  /// The most tokens of a text where nothing else is said.
  public static let standardMaximumLength = 1_000

  /// New texts of a kind.
  ///
  /// Text number i depends on the seed and on i alone: more texts begin with the same ones, whatever
  /// number of threads writes them.
  ///
  /// - Parameters:
  ///   - label: one of the labels that the model was trained with; nil where it has none.
  ///   - vector: what the text is about, of the size that the model was trained with.
  ///   - count: the number of texts.
  ///   - seed: the same seed gives the same texts.
  ///   - maximumLength: tokens after which a text ends where the model has not ended it.
  /// - Throws: `TextError` for a label that the model does not know or a vector of another size;
  ///   `SamplingError` or `ConfigurationError` for a setting out of range; `SamplingError` for a
  ///   model whose scores are no numbers.
  public func generate(
    label: String? = nil, vector: [Float] = [], count: Int = 1, sampling: Sampling = Sampling(),
    seed: UInt64 = 0, maximumLength: Int = standardMaximumLength
  ) throws -> [String] {
    try sampling.validate()
    try ConfigurationError.check("count", count, in: 0...Int.max)
    try ConfigurationError.check("maximum length", maximumLength, in: 0...Int.max)
    let condition = try condition(label: label, vector: vector)
    var texts = [[Int32]?](repeating: nil, count: count)
    texts.withUnsafeMutableBufferPointer { texts in
      let texts = Shared(texts)
      Threads.forEach(count) { index in
        // A text is written by one thread.
        texts.pointer[index] = Threads.with(1) {
          var generator = RandomGenerator(seed: seed, stream: UInt64(index))
          return write(condition, sampling, maximumLength, using: &generator)
        }
      }
    }
    return try texts.map { ids in
      guard let ids else {
        throw SamplingError("the model's scores are not numbers: its weights are damaged")
      }
      return tokenizer.decode(ids)
    }
  }

  /// One text; nil where the scores are no numbers.
  private func write(
    _ condition: TextGeneratorCondition, _ sampling: Sampling, _ maximumLength: Int,
    using generator: inout RandomGenerator
  ) -> [Int32]? {
    let stepper = network.stepper(condition)
    let mark = network.mark
    var ids: [Int32] = []
    var id = mark
    while ids.count < maximumLength {
      let scores = stepper.scores(after: id)
      guard !scores.maximum().isNaN else { return nil }
      id = sampling.sample(scores, excluding: tokenizer.unknownID, using: &generator)
      if id == mark { break }
      ids.append(id)
    }
    return ids
  }
}
