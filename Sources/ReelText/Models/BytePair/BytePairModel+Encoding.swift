extension BytePairModel {
  @inline(__always)
  public func lookUp(_ piece: UnsafeBufferPointer<UInt8>) -> Int32? {
    if piece.count == 1 {
      let id = symbols.token(ofSingle: piece[0])
      if id >= 0 && !options.ignoresMerges { return id }
    }
    return options.ignoresMerges && !piece.isEmpty ? table.id(of: piece) : nil
  }

  public func segment(
    _ piece: UnsafeBufferPointer<UInt8>, into tokens: inout [PieceToken],
    scratch: inout ModelScratch
  ) {
    symbols.split(piece, table, into: &scratch.merging.symbols)
    scratch.merging.merge(mergeTable)
    for symbol in scratch.merging.symbols {
      tokens.append(PieceToken(id: symbol.id, start: symbol.start, end: symbol.end))
    }
  }
}
