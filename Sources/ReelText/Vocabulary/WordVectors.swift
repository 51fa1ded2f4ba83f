/// Pretrained vectors of words, as word2vec, GloVe and fastText write them in text.
///
/// Each line holds a word and the numbers of its vector, with spaces or tabs between. The first line
/// may say how many words and how many numbers there are (word2vec, fastText). Words are compared
/// byte for byte.
///
/// ```swift
/// let vectors = try WordVectors(text: MappedFile("glove.6B.100d.txt", as: "vectors"))
/// vectors["river"]  // 100 numbers
/// ```
public struct WordVectors: Sendable {
  /// Numbers of each vector.
  public let dimension: Int
  private var table = TokenTable()
  private var values: [Float] = []
  /// Lines that were left out since their word had come before.
  public private(set) var duplicates = 0

  /// Vectors from memory.
  ///
  /// - Throws: where there are none, they are not equally long, or a word comes twice.
  public init(_ vectors: [(word: String, vector: [Float])]) throws(TextError) {
    guard let dimension = vectors.first?.vector.count, dimension > 0 else {
      throw TextError("no vectors came, expected at least one with at least one number")
    }
    self.dimension = dimension
    for (word, vector) in vectors {
      guard vector.count == dimension else {
        throw TextError(
          "the vector of \(jsonQuoted(word)) has \(vector.count) numbers, expected \(dimension)")
      }
      guard add(Array(word.utf8), vector) else {
        throw TextError("the word \(jsonQuoted(word)) comes twice, expected every word once")
      }
    }
  }

  /// Reads a file of vectors. Of a word that comes twice the first vector stays.
  ///
  /// - Parameters:
  ///   - limit: the most vectors to read; such files begin with the frequent words.
  ///   - keeps: which words to keep, nil for all: those of a corpus, where the file is large.
  /// - Throws: where the file holds no vectors, a line has the wrong number of columns, or something
  ///   is no number; names the line.
  public init(
    text file: MappedFile, limit: Int? = nil, keeps: ((String) -> Bool)? = nil
  ) throws(TextError) {
    var lines = Lines(file, invalidBytes: .replaced)
    var first = try lines.next()
    var announced: Int?
    if let line = first, let header = Self.header(line.bytes) {
      announced = header
      first = try lines.next()
    }
    guard let first else { throw TextError("\(file.name) holds no vectors") }
    let count = announced ?? Self.fields(of: first.bytes).count - 1
    guard count > 0 else {
      throw file.error(line: first.number, "1 column, expected a word and its numbers")
    }
    dimension = count
    var vector = [Float](repeating: 0, count: count)
    var line: Line? = first
    while let current = line, self.count < limit ?? .max {
      let word = try Self.read(current, into: &vector, of: file)
      if keeps?(String(decoding: word, as: UTF8.self)) ?? true, !add(Array(word), vector) {
        duplicates += 1
      }
      line = try lines.next()
    }
  }

  /// How many words there are.
  public var count: Int { table.count }

  /// The word at a place, in the order of the file.
  public func word(at index: Int) -> String {
    withWord(at: index) { String(decoding: $0, as: UTF8.self) }
  }

  package func withWord<Result>(
    at index: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) -> Result {
    table.withBytes(of: Int32(index), body)
  }

  /// The vector at a place.
  public func vector(at index: Int) -> ArraySlice<Float> {
    values[index * dimension..<(index + 1) * dimension]
  }

  /// The vector of a word, if there is one.
  public subscript(word: String) -> ArraySlice<Float>? {
    var word = word
    return word.withUTF8 { table.id(of: $0) }.map { vector(at: Int($0)) }
  }

  /// The share of some words, 0 to 1, that have a vector; 0 where there are no words.
  public func coverage(of words: some Collection<String>) -> Double {
    let found = words.reduce(0) { $0 + (self[$1] == nil ? 0 : 1) }
    return words.isEmpty ? 0 : Double(found) / Double(words.count)
  }

  private mutating func add(_ word: [UInt8], _ vector: [Float]) -> Bool {
    let count = table.count
    _ = table.insert(word)
    guard table.count > count else { return false }
    values += vector
    return true
  }
}
