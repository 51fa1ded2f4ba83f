/// Counted words as one text of symbols: 0 ends the text, 1 ends a word, and the scalars of the words
/// follow in their order.
package struct TrainingText {
  static let wordEnd: Int32 = 1
  static let firstScalar: Int32 = 2

  /// The scalars of symbols 2, 3, …
  package let scalars: [Unicode.Scalar]
  /// How often each scalar comes.
  package let scalarCounts: [Int]
  private(set) var symbols: [Int32] = []
  /// The word that a symbol belongs to.
  private(set) var words: [Int32] = []
  /// Where each word's end lies in `symbols`.
  private(set) var wordEnds: [Int32] = []
  let wordCounts: [Int]

  var symbolCount: Int { scalars.count + Int(Self.firstScalar) }

  /// - Throws: for words that are not UTF-8, or 2³¹ scalars and more.
  package init(_ words: ByteStrings, counts: [Int]) throws(TextError) {
    precondition(
      counts.count == words.count,
      "\(counts.count) counts for \(words.count) words, expected one each")
    var found = [Int](repeating: 0, count: 0x110000)
    var total = 1
    for index in 0..<words.count {
      total += 1 + (try Self.forEachScalar(words, index) { found[Int($0)] += counts[index] })
    }
    guard total < Int(Int32.max) else {
      throw TextError("\(total) scalars to learn from, expected fewer than \(Int32.max)")
    }
    var symbolOfScalar = [Int32](repeating: 0, count: 0x110000)
    var scalars: [Unicode.Scalar] = []
    for value in found.indices where found[value] > 0 {
      guard let scalar = Unicode.Scalar(UInt32(value)) else { continue }
      symbolOfScalar[value] = Int32(scalars.count) + Self.firstScalar
      scalars.append(scalar)
    }
    self.scalars = scalars
    scalarCounts = scalars.map { found[Int($0.value)] }
    wordCounts = counts
    symbols.reserveCapacity(total)
    self.words.reserveCapacity(total)
    wordEnds.reserveCapacity(words.count)
    for index in 0..<words.count {
      _ = try Self.forEachScalar(words, index) { symbols.append(symbolOfScalar[Int($0)]) }
      wordEnds.append(Int32(symbols.count))
      symbols.append(Self.wordEnd)
      while self.words.count < symbols.count { self.words.append(Int32(index)) }
    }
    symbols.append(0)
    self.words.append(Int32(words.count))
  }

  /// The scalars of `length` symbols.
  package func scalars(at start: Int, length: Int) -> some Sequence<Unicode.Scalar> {
    symbols[start..<start + length].lazy.map { scalars[Int($0 - Self.firstScalar)] }
  }

  /// Calls `body` with the scalars of a word; returns how many there are.
  private static func forEachScalar(
    _ words: ByteStrings, _ index: Int, _ body: (UInt32) -> Void
  ) throws(TextError) -> Int {
    var count = 0
    let (start, end) = (words.starts[index], words.starts[index + 1])
    let bad: Int? = words.content.withUnsafeBufferPointer { content in
      let word = UnsafeBufferPointer(rebasing: content[start..<end])
      var position = 0
      while position < word.count {
        guard case .wellFormed(let length) = UTF8Sequence.at(position, in: word) else {
          return position
        }
        body(UTF8Sequence.scalarValue(at: position, length: length, in: word))
        position += length
        count += 1
      }
      return nil
    }
    if let bad {
      throw TextError(
        "byte \(bad) of the word '\(String(decoding: words[index], as: UTF8.self))' is "
          + "\(words.content[start + bad]), expected UTF-8")
    }
    return count
  }
}
