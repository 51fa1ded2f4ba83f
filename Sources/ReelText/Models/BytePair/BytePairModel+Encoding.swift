extension BytePairModel {
  public func encode(
    _ piece: UnsafeBufferPointer<UInt8>, into tokens: inout [PieceToken],
    scratch: inout ModelScratch
  ) {
    if let known = lookUp(piece) {
      tokens.append(PieceToken(id: known, start: 0, end: Int32(piece.count)))
      return
    }
    let key = PieceKey(piece)
    if let found = scratch.cache.find(key, piece) {
      scratch.cache.append(found, to: &tokens)
      return
    }
    merge(piece, key, &scratch)
    tokens.append(contentsOf: scratch.tokens)
  }

  public func encode(
    _ text: UnsafeBufferPointer<UInt8>, pieces: [Range<Int>], into ids: inout [Int32],
    scratch: inout ModelScratch
  ) {
    for range in pieces {
      let piece = UnsafeBufferPointer(rebasing: text[range])
      if let known = lookUp(piece) {
        ids.append(known)
        continue
      }
      let key = PieceKey(piece)
      if let found = scratch.cache.find(key, piece) {
        scratch.cache.appendIDs(found, to: &ids)
        continue
      }
      merge(piece, key, &scratch)
      for token in scratch.tokens { ids.append(token.id) }
    }
  }

  /// The token of a piece that needs no merging.
  @inline(__always)
  private func lookUp(_ piece: UnsafeBufferPointer<UInt8>) -> Int32? {
    if piece.count == 1 {
      let id = symbols.token(ofSingle: piece[0])
      if id >= 0 && !options.ignoresMerges { return id }
    }
    return options.ignoresMerges && !piece.isEmpty ? table.id(of: piece) : nil
  }

  /// Leaves the tokens of a piece in `scratch.tokens`, and in the cache.
  private func merge(
    _ piece: UnsafeBufferPointer<UInt8>, _ key: PieceKey, _ scratch: inout ModelScratch
  ) {
    precondition(
      piece.count < Int(Int32.max),
      "a piece of \(piece.count) bytes, expected fewer than \(Int32.max)")
    symbols.split(piece, table, into: &scratch.merging.symbols)
    scratch.merging.merge(mergeTable)
    scratch.tokens.removeAll(keepingCapacity: true)
    for symbol in scratch.merging.symbols {
      scratch.tokens.append(PieceToken(id: symbol.id, start: symbol.start, end: symbol.end))
    }
    scratch.cache.insert(key, piece, scratch.tokens[...])
  }
}
