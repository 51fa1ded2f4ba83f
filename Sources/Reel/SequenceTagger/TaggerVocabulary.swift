import ReelTensor
import ReelText

/// The words and characters that a tagger knows.
enum TaggerVocabulary {
  /// The words of the training data and those that have a pretrained vector, by falling frequency,
  /// after the unknown one.
  static func words(
    of sentences: [TaggedSentence], _ configuration: SequenceTaggerConfiguration,
    vectors: WordVectors?
  ) throws -> Vocabulary {
    let normalization = WordNormalization(configuration)
    var counts = PieceCounts()
    for sentence in sentences {
      for token in sentence.tokens {
        var token = token
        counts.add(token.withUTF8 { normalization($0) })
      }
    }
    let special = [SpecialToken("<unk>", .unknown)]
    let trained = try Vocabulary(
      counts, minimumCount: configuration.minimumCount, specialTokens: special)
    guard let vectors else { return trained }
    var tokens = (0..<trained.count).map { trained.table.bytes(of: Int32($0)) }
    var known = Set(tokens)
    var words = zip(tokens, trained.counts).dropFirst(special.count).map { ($0, $1) }
    for index in 0..<vectors.count {
      let word = vectors.withWord(at: index) { normalization($0) }
      guard !word.isEmpty, known.insert(word).inserted else { continue }
      // A file of words knows no count of 0; what never came cannot be dropped in training either.
      words.append((word, max(1, counts.occurrences(of: word))))
    }
    // The order that a file of words has to keep.
    words.sort { a, b in a.1 != b.1 ? a.1 > b.1 : a.0.lexicographicallyPrecedes(b.0) }
    tokens = Array(tokens[..<special.count]) + words.map(\.0)
    return try Vocabulary(
      tokens: tokens, counts: Array(trained.counts[..<special.count]) + words.map(\.1),
      specialTokens: special)
  }

  /// A table of word vectors with the pretrained ones put in: a word's own vector, else the first of
  /// the words that are looked up alike.
  static func embedding(
    _ table: Tensor, words: Vocabulary, _ normalization: WordNormalization, vectors: WordVectors
  ) -> Tensor {
    var table = table
    let dimension = table.shape[1]
    var isSet = [Bool](repeating: false, count: words.count)
    table.withUnsafeMutableValues { target in
      for index in 0..<vectors.count {
        let (id, isItself) = vectors.withWord(at: index) { word in
          let normal = normalization(word)
          return (words.table.id(of: normal), normal.elementsEqual(word))
        }
        guard let id, isItself || !isSet[Int(id)] else { continue }
        isSet[Int(id)] = true
        for (column, value) in vectors.vector(at: index).enumerated() {
          target[Int(id) * dimension + column] = value
        }
      }
    }
    return table
  }

  /// The scalars of the training data in their order.
  static func characters(of sentences: [TaggedSentence]) -> [String] {
    var found = Set<Unicode.Scalar>()
    for sentence in sentences {
      for token in sentence.tokens { found.formUnion(token.unicodeScalars) }
    }
    return found.sorted().map { String($0) }
  }
}
