extension ScalarTokenizer {
  /// The vocabulary of a text: the unknown token (id 0), then the text's scalars, the most frequent
  /// first, and equally frequent ones in the order of their values.
  ///
  /// - Parameters:
  ///   - bytes: the text in UTF-8.
  ///   - minimumCount: scalars that come less often are left to the unknown token.
  /// - Throws: the position of bytes that are not UTF-8.
  /// - Precondition: `minimumCount` is at least 1.
  public init(trainedOn bytes: [UInt8], minimumCount: Int = 1) throws(UTF8Error) {
    precondition(minimumCount >= 1, "minimumCount is \(minimumCount), expected at least 1")
    try UTF8Validation.validate(bytes)
    var counts = [Int](repeating: 0, count: 0x110000)
    bytes.withUnsafeBufferPointer { Self.count($0, into: &counts) }
    self.init(Self.ordered(counts, minimumCount: minimumCount))
  }

  /// As `init(trainedOn:minimumCount:)`, of a Swift string.
  public init(trainedOn text: String, minimumCount: Int = 1) {
    precondition(minimumCount >= 1, "minimumCount is \(minimumCount), expected at least 1")
    var counts = [Int](repeating: 0, count: 0x110000)
    var copy = text
    copy.withUTF8 { Self.count($0, into: &counts) }
    self.init(Self.ordered(counts, minimumCount: minimumCount))
  }

  /// - Precondition: the bytes are well-formed.
  private static func count(_ bytes: UnsafeBufferPointer<UInt8>, into counts: inout [Int]) {
    counts.withUnsafeMutableBufferPointer { counts in
      var position = 0
      while position < bytes.count {
        guard case .wellFormed(let length) = UTF8Sequence.at(position, in: bytes) else { return }
        counts[Int(UTF8Sequence.scalarValue(at: position, length: length, in: bytes))] += 1
        position += length
      }
    }
  }

  private static func ordered(_ counts: [Int], minimumCount: Int) -> [Unicode.Scalar] {
    counts.indices
      .filter { counts[$0] >= minimumCount }
      .sorted { (counts[$1], $0) < (counts[$0], $1) }
      .compactMap { Unicode.Scalar(UInt32($0)) }
  }
}
