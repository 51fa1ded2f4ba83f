extension TokenizerPipeline {
  public func encode(_ text: String) -> [Int32] {
    var copy = text
    return copy.withUTF8 { bytes in
      pool.withScratch { scratch in ids(of: bytes, &scratch) }
    }
  }

  /// The ids of bytes. A lossless pipeline takes what is not UTF-8 as pieces of their own; another
  /// one refuses it with its position.
  public func encode(_ bytes: [UInt8]) throws(UTF8Error) -> [Int32] {
    guard isLossless else {
      try UTF8Validation.validate(bytes)
      return bytes.withUnsafeBufferPointer { bytes in
        pool.withScratch { scratch in ids(of: bytes, &scratch) }
      }
    }
    return bytes.withUnsafeBufferPointer { bytes in
      pool.withScratch { scratch in
        var ids: [Int32] = []
        var start = 0
        while start < bytes.count {
          let rest = UnsafeBufferPointer(rebasing: bytes[start...])
          let length = UTF8Validation.firstIllFormed(in: rest) ?? rest.count
          if length > 0 {
            append(
              idsOf: UnsafeBufferPointer(rebasing: rest[..<length]), isFirst: start == 0, to: &ids,
              &scratch)
          }
          start += length
          let end = endOfIllFormed(from: start, in: bytes)
          model.encode(bytes, pieces: [start..<end], into: &ids, scratch: &scratch)
          start = end
        }
        return ids
      }
    }
  }

  private func endOfIllFormed(from start: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var end = start
    while end < bytes.count {
      if case .wellFormed = UTF8Sequence.at(end, in: bytes) { break }
      end += 1
    }
    return end
  }

  public func encoding(of text: String) -> Encoding {
    encoding(of: text, pair: nil)
  }

  /// The tokens of a text, or of two, with special tokens around them, cut and filled up as the
  /// pipeline says.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - pair: a second text.
  ///   - addsSpecialTokens: whether the post-processor puts special tokens around the texts.
  public func encoding(
    of text: String, pair: String?, addsSpecialTokens: Bool = true
  ) -> Encoding {
    var encodings = [encodingBeforePadding(of: text, pair: pair, addsSpecialTokens)]
    padding?.apply(to: &encodings)
    return encodings[0]
  }

  func encodingBeforePadding(
    of text: String, pair: String?, _ addsSpecialTokens: Bool
  ) -> Encoding {
    let texts = ([text] + (pair.map { [$0] } ?? [])).map { Array($0.utf8) }
    var encodings = pool.withScratch { scratch in
      texts.enumerated().map { index, text in
        text.withUnsafeBufferPointer { encoding(of: $0, sequence: index, &scratch) }
      }
    }
    let added = postProcessor?.addedCount(isPair: pair != nil) ?? 0
    truncation?.apply(to: &encodings, reserved: addsSpecialTokens ? added : 0)
    if let postProcessor {
      encodings = postProcessor.process(
        encodings, of: texts, addsSpecialTokens: addsSpecialTokens)
    }
    guard encodings.count > 1 else { return encodings.first ?? Encoding() }
    var result = Encoding()
    for encoding in encodings { result.append(encoding) }
    return result
  }

  public func encodePrompt(_ text: String) -> EncodedPrompt {
    guard let unknownID else { return EncodedPrompt(ids: encode(text)) }
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { bytes -> EncodedPrompt in
      let encoding = pool.withScratch { (scratch: inout ModelScratch) -> Encoding in
        self.encoding(of: bytes, sequence: 0, &scratch)
      }
      var prompt = EncodedPrompt(ids: encoding.ids)
      for (id, range) in zip(encoding.ids, encoding.offsets) where id == unknownID {
        for scalar in String(decoding: bytes[range], as: UTF8.self).unicodeScalars
        where !prompt.unknown.contains(scalar) { prompt.unknown.append(scalar) }
      }
      return prompt
    }
  }

  // MARK: Ids alone

  private func ids(
    of bytes: UnsafeBufferPointer<UInt8>, _ scratch: inout ModelScratch
  ) -> [Int32] {
    var ids: [Int32] = []
    append(idsOf: bytes, isFirst: true, to: &ids, &scratch)
    return ids
  }

  private func append(
    idsOf bytes: UnsafeBufferPointer<UInt8>, isFirst: Bool, to ids: inout [Int32],
    _ scratch: inout ModelScratch
  ) {
    forEachPart(of: bytes, isFirst: isFirst) { part in
      switch part {
      case .added(let id, _, _): ids.append(id)
      case .text(var text):
        let isFirst = text.isFirst
        let pieces =
          preTokenizer?.split(&text.text, isFirst: isFirst) ?? [0..<text.text.bytes.count]
        text.text.bytes.withUnsafeBufferPointer { bytes in
          model.encode(bytes, pieces: pieces, into: &ids, scratch: &scratch)
        }
      }
    }
  }

  // MARK: With offsets

  /// The tokens of one text, without special tokens.
  private func encoding(
    of bytes: UnsafeBufferPointer<UInt8>, sequence: Int, _ scratch: inout ModelScratch
  ) -> Encoding {
    var result = Encoding()
    result.reserveCapacity(min(bytes.count / 4 + 4, 4096))
    var word = 0
    var tokens: [PieceToken] = []
    // A Unigram model's unknown piece is written as in the text.
    let surfaceID = model.kind == .unigram ? model.unknownID : nil
    forEachPart(of: bytes, isFirst: true) { part in
      switch part {
      case .added(let id, let range, let content):
        result.append(
          id, String(decoding: content, as: UTF8.self), range, typeID: Int32(sequence), word: word,
          sequence: sequence)
        word += 1
      case .text(var part):
        let isFirst = part.isFirst
        let pieces =
          preTokenizer?.split(&part.text, isFirst: isFirst) ?? [0..<part.text.bytes.count]
        var ranges = OriginalPlaces(part)
        part.text.bytes.withUnsafeBufferPointer { bytes in
          for piece in pieces {
            tokens.removeAll(keepingCapacity: true)
            model.encode(
              UnsafeBufferPointer(rebasing: bytes[piece]), into: &tokens, scratch: &scratch)
            for token in tokens {
              let range =
                piece.lowerBound + Int(token.start)..<piece.lowerBound + Int(token.end)
              let text =
                token.id == surfaceID
                ? String(decoding: bytes[range], as: UTF8.self) : self.token(at: token.id)
              result.append(
                token.id, text, ranges(UTF8Sequence.wholeScalars(range, in: bytes)),
                typeID: Int32(sequence), word: word, sequence: sequence)
            }
            word += 1
          }
        }
      }
    }
    return result
  }
}

extension UTF8Sequence {
  /// A range of well-formed bytes with the rest of the scalars at its ends.
  static func wholeScalars(
    _ range: Range<Int>, in bytes: UnsafeBufferPointer<UInt8>
  ) -> Range<Int> {
    guard !range.isEmpty else { return range }
    var lower = range.lowerBound
    var upper = range.upperBound
    while lower > 0, bytes[lower] & 0xC0 == 0x80 { lower -= 1 }
    while upper < bytes.count, bytes[upper] & 0xC0 == 0x80 { upper += 1 }
    return lower..<upper
  }
}
