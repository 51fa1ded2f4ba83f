extension BytePairTrainer {
  /// Turns words into symbols: bytes or scalars, by number.
  struct SymbolReader {
    let alphabet: BytePairAlphabet

    /// Symbols are below this number.
    var limit: Int { alphabet == .bytes ? 0x100 : 0x110000 }

    /// Calls `body` with each symbol of a word and where it lies.
    ///
    /// - Returns: the position of the first byte that is not UTF-8, where scalars are asked for.
    @inline(__always)
    func forEach(
      in word: UnsafeBufferPointer<UInt8>, _ body: (Int, Range<Int>) -> Void
    ) -> Int? {
      var position = 0
      while position < word.count {
        var symbol = Int(word[position])
        var length = 1
        if alphabet == .scalars, symbol >= 0x80 {
          guard case .wellFormed(let found) = UTF8Sequence.at(position, in: word) else {
            return position
          }
          length = found
          symbol = Int(UTF8Sequence.scalarValue(at: position, length: length, in: word))
        }
        body(symbol, position..<position + length)
        position += length
      }
      return nil
    }

    /// As above, of an array.
    func forEach(
      in word: [UInt8], _ body: (Int, Range<Int>) -> Void
    ) throws(TextError) {
      if let position = word.withUnsafeBufferPointer({ forEach(in: $0, body) }) {
        throw TextError(
          "byte \(position) of the word '\(String(decoding: word, as: UTF8.self))' is "
            + "\(word[position]), expected UTF-8")
      }
    }

    /// The bytes of a symbol.
    func bytes(of symbol: Int) -> [UInt8] {
      guard alphabet == .scalars, let scalar = Unicode.Scalar(UInt32(symbol)) else {
        return [UInt8(truncatingIfNeeded: symbol)]
      }
      return Array(String(scalar).utf8)
    }

    /// What alphabets are ordered by: byte-level files order bytes as the characters they stand for.
    func order(of symbol: Int) -> UInt32 {
      alphabet == .bytes ? ByteLevelAlphabet.scalars[symbol].value : UInt32(symbol)
    }
  }

  /// The symbols that become tokens, in the order of their ids.
  func keptAlphabet(
    _ words: [(bytes: [UInt8], count: Int)], _ alphabet: BytePairAlphabet
  ) throws(TextError) -> (reader: SymbolReader, kept: [[UInt8]]) {
    let reader = SymbolReader(alphabet: alphabet)
    var counts = [Int](repeating: 0, count: reader.limit)
    for word in words where word.count > 0 {
      try reader.forEach(in: word.bytes) { symbol, _ in counts[symbol] += word.count }
    }
    for bytes in initialAlphabet {
      var found: [Int] = []
      try reader.forEach(in: bytes) { symbol, _ in found.append(symbol) }
      guard found.count == 1 else {
        throw TextError(
          "'\(String(decoding: bytes, as: UTF8.self))' of the initial alphabet has \(found.count) "
            + "symbols, expected 1")
      }
      counts[found[0]] = .max
    }
    var kept = counts.indices.filter { counts[$0] > 0 }
    if let limit = limitAlphabet, kept.count > limit {
      // The most frequent first, and of equally frequent ones those that come first in the alphabet.
      kept.sort { (counts[$1], reader.order(of: $0)) < (counts[$0], reader.order(of: $1)) }
      kept.removeLast(kept.count - limit)
    }
    kept.sort { reader.order(of: $0) < reader.order(of: $1) }
    return (reader, kept.map(reader.bytes(of:)))
  }

  /// Gives the words to the training, as tokens. Symbols with a prefix or a suffix become tokens
  /// where they are met first.
  func addWords(
    _ words: [(bytes: [UInt8], count: Int)], _ reader: SymbolReader,
    to training: inout PairTraining,
    _ table: inout TokenTable
  ) throws(TextError) {
    let prefix = continuingSubwordPrefix.map { Array($0.utf8) } ?? []
    let suffix = endOfWordSuffix.map { Array($0.utf8) } ?? []
    var ids = [Int32](repeating: -1, count: reader.limit)
    for id in 0..<Int32(table.count) {
      let bytes = table.bytes(of: id)
      try reader.forEach(in: bytes) { symbol, range in
        if range.count == bytes.count { ids[symbol] = id }
      }
    }
    for word in words where word.count > 0 {
      training.beginWord(count: word.count)
      try reader.forEach(in: word.bytes) { symbol, range in
        var id = ids[symbol]
        guard id >= 0 else { return }
        let isContinuing = range.lowerBound > 0 && !prefix.isEmpty
        let isEnding = range.upperBound == word.bytes.count && !suffix.isEmpty
        if isContinuing || isEnding {
          id = table.insert(
            (isContinuing ? prefix : []) + word.bytes[range] + (isEnding ? suffix : []))
        }
        training.append(id)
      }
    }
  }
}
