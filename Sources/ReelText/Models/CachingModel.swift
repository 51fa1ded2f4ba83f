/// A model that computes the tokens of a piece once, and looks up what they were when it comes again.
public protocol CachingModel: SubwordModel {
  /// The token of a piece that takes no computing, and no place in the cache; nil for other pieces.
  func lookUp(_ piece: UnsafeBufferPointer<UInt8>) -> Int32?

  /// Appends the tokens of a piece, computed.
  ///
  /// - Parameters:
  ///   - piece: the bytes of the piece: fewer than 2³¹.
  ///   - tokens: where the tokens go; empty before.
  ///   - scratch: buffers.
  func segment(
    _ piece: UnsafeBufferPointer<UInt8>, into tokens: inout [PieceToken],
    scratch: inout ModelScratch)
}

extension CachingModel {
  @inline(__always)
  public func lookUp(_ piece: UnsafeBufferPointer<UInt8>) -> Int32? { nil }

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
    compute(piece, key, &scratch)
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
      compute(piece, key, &scratch)
      for token in scratch.tokens { ids.append(token.id) }
    }
  }

  /// Leaves the tokens of a piece in `scratch.tokens`, and in the cache.
  private func compute(
    _ piece: UnsafeBufferPointer<UInt8>, _ key: PieceKey, _ scratch: inout ModelScratch
  ) {
    precondition(
      piece.count < Int(Int32.max),
      "a piece of \(piece.count) bytes, expected fewer than \(Int32.max)")
    // Taken out while the model has the rest of the scratch.
    var tokens: [PieceToken] = []
    swap(&tokens, &scratch.tokens)
    tokens.removeAll(keepingCapacity: true)
    segment(piece, into: &tokens, scratch: &scratch)
    scratch.cache.insert(key, piece, tokens[...])
    swap(&tokens, &scratch.tokens)
  }
}
