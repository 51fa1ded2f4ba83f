/// The tokens of single bytes and scalars: where the merging of a piece begins.
struct SymbolTable: Sendable {
  private let alphabet: BytePairAlphabet
  private let prefix: [UInt8]
  private let suffix: [UInt8]
  private let unknown: Int32?
  private let fusesUnknown: Bool
  /// The tokens of symbols of one byte, -1 where there is none: 256 for each `Place`.
  private let singles: [Int32]
  /// The tokens `<0x00>` to `<0xFF>`, -1 where there is none; empty without byte fallback.
  private let fallback: [Int32]

  /// Where a symbol stands in its piece.
  private enum Place {
    static let first = 1
    static let last = 2
  }

  init(_ table: borrowing TokenTable, _ options: BytePairModel.Options) {
    alphabet = options.alphabet
    prefix = options.continuingSubwordPrefix.map { Array($0.utf8) } ?? []
    suffix = options.endOfWordSuffix.map { Array($0.utf8) } ?? []
    unknown = options.unknownToken
    fusesUnknown = options.fusesUnknown
    var singles: [Int32] = []
    for place in 0..<4 {
      for byte in UInt8.min...UInt8.max {
        let bytes =
          (place & Place.first == 0 ? prefix : []) + [byte]
          + (place & Place.last == 0 ? [] : suffix)
        singles.append(table.id(of: bytes) ?? -1)
      }
    }
    self.singles = singles
    let digits = Array("0123456789ABCDEF".utf8)
    fallback =
      options.byteFallback
      ? (UInt8.min...UInt8.max).map { byte in
        let name = Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]] + [0x3E]
        return table.id(of: name) ?? -1
      } : []
  }

  /// The token of a piece of one byte, or -1.
  @inline(__always)
  func token(ofSingle byte: UInt8) -> Int32 {
    singles[(Place.first | Place.last) << 8 | Int(byte)]
  }

  /// Puts the symbols of a piece into `symbols`.
  func split(
    _ piece: UnsafeBufferPointer<UInt8>, _ table: borrowing TokenTable,
    into symbols: inout [MergeBuffers.Symbol]
  ) {
    symbols.removeAll(keepingCapacity: true)
    symbols.reserveCapacity(piece.count)
    var pending = PendingUnknown()
    var position = 0
    while position < piece.count {
      let end = position + length(of: position, in: piece)
      let id = token(position..<end, of: piece, table)
      if id >= 0 {
        pending.flush(unknown, into: &symbols)
        symbols.append(.init(id: id, start: Int32(position), end: Int32(end)))
      } else if !appendFallback(position..<end, of: piece, into: &symbols), let unknown {
        if !fusesUnknown { pending.flush(unknown, into: &symbols) }
        pending.extend(position..<end)
      }
      position = end
    }
    pending.flush(unknown, into: &symbols)
  }

  /// Unknown symbols that are not written yet, since more of them may follow.
  private struct PendingUnknown {
    private var range: Range<Int>?

    mutating func extend(_ more: Range<Int>) {
      range = (range?.lowerBound ?? more.lowerBound)..<more.upperBound
    }

    @inline(__always)
    mutating func flush(_ unknown: Int32?, into symbols: inout [MergeBuffers.Symbol]) {
      guard let range, let unknown else { return }
      symbols.append(
        .init(id: unknown, start: Int32(range.lowerBound), end: Int32(range.upperBound)))
      self.range = nil
    }
  }

  /// The bytes of the symbol at `start`; a byte that begins no scalar is a symbol of its own.
  @inline(__always)
  private func length(of start: Int, in piece: UnsafeBufferPointer<UInt8>) -> Int {
    guard alphabet == .scalars, piece[start] >= 0x80,
      case .wellFormed(let length) = UTF8Sequence.at(start, in: piece)
    else { return 1 }
    return length
  }

  /// The token of a symbol, or -1.
  @inline(__always)
  private func token(
    _ range: Range<Int>, of piece: UnsafeBufferPointer<UInt8>, _ table: borrowing TokenTable
  ) -> Int32 {
    let isFirst = range.lowerBound == 0
    let isLast = range.upperBound == piece.count
    if range.count == 1 {
      let place = (isFirst ? Place.first : 0) | (isLast ? Place.last : 0)
      return singles[place << 8 | Int(piece[range.lowerBound])]
    }
    if (isFirst || prefix.isEmpty) && (!isLast || suffix.isEmpty) {
      return table.id(of: UnsafeBufferPointer(rebasing: piece[range])) ?? -1
    }
    return table.id(of: (isFirst ? [] : prefix) + piece[range] + (isLast ? suffix : [])) ?? -1
  }

  /// Writes an unknown symbol as the tokens of its bytes, prefix and suffix among them.
  private func appendFallback(
    _ range: Range<Int>, of piece: UnsafeBufferPointer<UInt8>,
    into symbols: inout [MergeBuffers.Symbol]
  ) -> Bool {
    guard !fallback.isEmpty else { return false }
    let before = range.lowerBound == 0 ? [] : prefix
    let after = range.upperBound == piece.count ? suffix : []
    let bytes = before + encoded(piece[range]) + after
    guard bytes.allSatisfy({ fallback[Int($0)] >= 0 }) else { return false }
    for (offset, byte) in bytes.enumerated() {
      // Bytes that are not of the piece stand for none of it.
      let start = min(max(range.lowerBound + offset - before.count, 0), range.upperBound)
      let isInside = offset >= before.count && start < range.upperBound
      symbols.append(
        .init(id: fallback[Int(byte)], start: Int32(start), end: Int32(start + (isInside ? 1 : 0))))
    }
    return true
  }

  /// Byte-level models write the bytes of the character that stands for a byte.
  private func encoded(_ symbol: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
    alphabet == .scalars
      ? Array(symbol)
      : symbol.flatMap { Array(String(ByteLevelAlphabet.scalars[Int($0)]).utf8) }
  }
}
