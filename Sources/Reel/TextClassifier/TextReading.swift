import ReelLayers
import ReelSequence
import ReelTensor
import ReelText

/// What a text classifier and a text regressor have in common: words, their vectors, and a network
/// with a number of outputs for each text.
struct TextReading: Sendable {
  let configuration: TextClassifierConfiguration
  let tokenizer: any Tokenizer

  /// The tokenizer that a configuration asks for, trained on the texts; or one that is given.
  init(
    _ configuration: TextClassifierConfiguration, texts: some Sequence<String>,
    tokenizer: (any Tokenizer)?
  ) throws {
    try configuration.validate()
    self.configuration = configuration
    if let tokenizer {
      self.tokenizer = tokenizer
    } else {
      var training = TokenizerTraining(
        .words, vocabularySize: configuration.maximumVocabulary)
      training.minimumFrequency = configuration.minimumCount
      training.normalizer = configuration.lowercases ? .lowercase : nil
      self.tokenizer = try TokenizerPipeline.train(training, on: texts)
    }
  }

  init(_ configuration: TextClassifierConfiguration, folder: String) throws {
    try configuration.validate()
    self.configuration = configuration
    tokenizer = try TokenizerFile.read(ModelFolder.path(Self.fileName, in: folder))
  }

  private static let fileName = "tokenizer.json"

  /// What a model folder holds beside configuration and weights.
  var files: [(name: String, bytes: [UInt8])] {
    get throws { [(Self.fileName, try tokenizer.fileContent)] }
  }

  /// The words that are read.
  func ids(_ text: String) -> [Int32] {
    let ids = tokenizer.encode(text)
    return ids.count > configuration.maximumLength
      ? Array(ids[..<configuration.maximumLength]) : ids
  }

  /// Word vectors start as in Kim 2014, uniform with the given bound, unless `vectors` has them.
  func network(
    outputs: Int, vectors: ((String) -> [Float]?)? = nil, using generator: inout RandomGenerator
  ) throws -> PooledNetwork {
    let c = configuration
    var embedding = Embedding(
      vocabulary: tokenizer.vocabularySize, dimension: c.embeddingSize,
      initialization: .uniform(bound: 0.25), using: &generator)
    if let vectors { try fill(&embedding, from: vectors) }
    return PooledNetwork(
      embedding: embedding, inputSize: c.embeddingSize, outputs: outputs, encoder: c.encoder,
      pooling: c.pooling, attentionSize: c.attentionSize, inputDropout: c.embeddingDropout,
      dropout: c.dropout, wordDropout: c.wordDropout, using: &generator)
  }

  private func fill(
    _ embedding: inout Embedding, from vectors: (String) -> [Float]?
  ) throws {
    let size = configuration.embeddingSize
    var values = embedding.weight.values
    for id in 0..<tokenizer.vocabularySize {
      let word = tokenizer.decode([Int32(id)])
      guard let vector = vectors(word) else { continue }
      guard vector.count == size else {
        throw ConfigurationError(
          "the vector of '\(word)' has \(vector.count) values, the embedding size is \(size)")
      }
      values.replaceSubrange(id * size..<(id + 1) * size, with: vector)
    }
    embedding.weight = Tensor(shape: embedding.weight.shape, values: values)
  }

  /// The outputs for many texts, in their order.
  func outputs(_ network: PooledNetwork, _ texts: [[Int32]]) -> [[Float]] {
    BatchedPrediction.rows(of: texts, lengths: texts.map(\.count)) { batch in
      var none: RandomGenerator?
      return network(batch, unknown: tokenizer.unknownID, using: &none)
    }
  }
}
