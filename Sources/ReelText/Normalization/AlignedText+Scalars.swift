/// What becomes of one scalar.
enum ScalarChange {
  case kept, removed
  case replaced(by: UInt32)
  case replacedBySequence(UInt32, UInt32, UInt32?)
}

extension AlignedText {
  /// Changes the text scalar by scalar. `keepsASCII` says that ASCII never changes, so that runs of
  /// it are skipped.
  @inline(__always)
  mutating func changeScalars(keepsASCII: Bool = false, _ change: (UInt32) -> ScalarChange) {
    let source = bytes
    source.withUnsafeBufferPointer { source in
      guard let first = Self.firstChange(from: 0, in: source, keepsASCII, change) else { return }
      rewrite { rewriter in
        var next: Int? = first
        while let position = next {
          rewriter.keep(upTo: position)
          let (scalar, length) = UTF8Sequence.scalar(at: position, in: source)
          let range = position..<position + length
          switch change(scalar) {
          case .kept: rewriter.keep(range)
          case .removed: rewriter.remove(range)
          case .replaced(let other): rewriter.replace(range, with: other)
          case .replacedBySequence(let first, let second, let third):
            var sequence: [UInt8] = []
            appendUTF8(first, to: &sequence)
            appendUTF8(second, to: &sequence)
            if let third { appendUTF8(third, to: &sequence) }
            rewriter.replace(range, with: sequence)
          }
          next = Self.firstChange(from: range.upperBound, in: source, keepsASCII, change)
        }
        rewriter.keep(upTo: source.count)
      }
    }
  }

  /// Where the first scalar from `start` on is that does not stay.
  @inline(__always)
  private static func firstChange(
    from start: Int, in source: UnsafeBufferPointer<UInt8>, _ keepsASCII: Bool,
    _ change: (UInt32) -> ScalarChange
  ) -> Int? {
    var position = start
    while position < source.count {
      if keepsASCII, source[position] < 0x80 {
        position += UTF8Sequence.asciiRun(from: position, in: source)
        continue
      }
      let (scalar, length) = UTF8Sequence.scalar(at: position, in: source)
      guard case .kept = change(scalar) else { return position }
      position += length
    }
    return nil
  }
}
