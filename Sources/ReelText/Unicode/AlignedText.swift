/// UTF-8 text made from an original text, knowing for each of its bytes which bytes of the original
/// it came from.
///
/// Offsets are byte offsets. As long as no byte has moved, no table is stored at all: reading
/// positions back is then free. Otherwise one entry is stored for each stretch of text that was
/// shifted or replaced as a whole, so the cost follows the changes and not the length of the text.
///
/// A replacement with the same scalar boundaries as what it replaces (such as "É" by "é", or a tab
/// by a space) stands for the original byte by byte, and moves nothing.
public struct AlignedText: Sendable, Equatable {
  /// How many bytes the original text has.
  public let originalCount: Int
  /// The text as it is now.
  public private(set) var bytes: [UInt8]
  /// The stretches in ascending order; empty where each byte stands at its own original place.
  private var segments: [Segment] = []

  /// Text that stands for itself.
  public init(_ original: String) {
    self.init(Array(original.utf8))
  }

  /// Text that stands for itself, from well-formed UTF-8.
  public init(_ original: [UInt8]) {
    bytes = original
    originalCount = original.count
  }

  /// Whether each byte stands for the byte of the original at its own place, so that
  /// ``originalRange(of:)`` gives back what it is given. Bytes may have been changed in place, and
  /// the original may go on after the end of this text.
  public var isUnchanged: Bool { segments.isEmpty }

  /// The text as a string.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The bytes of the original that the bytes `range` came from, from the first to the last.
  ///
  /// Text that was inserted came from no bytes: its range is empty, at the place where it was put
  /// in. An empty range gives an empty range, before what the next byte came from. The cost is
  /// logarithmic in the number of changes.
  public func originalRange(of range: Range<Int>) -> Range<Int> {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count,
      "\(range) was asked for, expected a range within 0..<\(bytes.count)")
    if segments.isEmpty { return range }
    return originalRange(of: range, from: segmentIndex(at: range.lowerBound))
  }

  /// Changes bytes in place, without moving any. The bytes must stay well-formed UTF-8 with the
  /// same scalar boundaries.
  package mutating func changeInPlace(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
    bytes.withUnsafeMutableBufferPointer { body($0) }
  }

  /// Replaces everything: `body` goes through the text once, from its start to its end, and says
  /// of each range whether it is kept, replaced or removed.
  package mutating func rewrite(_ body: (inout Rewriter) -> Void) {
    var rewriter = Rewriter(self)
    body(&rewriter)
    precondition(
      rewriter.position == bytes.count,
      "the text was rewritten up to byte \(rewriter.position), expected \(bytes.count)")
    bytes = rewriter.bytes
    segments = rewriter.segments
    // One stretch that begins at the beginning of both: nothing has moved.
    if segments.count == 1, segments[0].original.lowerBound == 0, segments[0].isByteByByte {
      segments = []
    }
    if bytes.isEmpty { segments = [] }
  }
}

// MARK: - Segments

extension AlignedText {
  /// A stretch of text, up to where the next one begins, and what it came from.
  struct Segment: Sendable, Equatable {
    /// Where it begins in the text.
    let start: Int
    /// The lower bound, and in the lowest bit whether each byte stands for one byte.
    private let lowerBoundAndKind: Int
    private var upperBound: Int

    init(start: Int, original: Range<Int>, isByteByByte: Bool) {
      self.start = start
      lowerBoundAndKind = original.lowerBound << 1 | (isByteByByte ? 1 : 0)
      upperBound = original.upperBound
    }

    var original: Range<Int> { lowerBoundAndKind >> 1..<upperBound }
    var isByteByByte: Bool { lowerBoundAndKind & 1 == 1 }

    /// Makes a stretch of the byte-by-byte kind longer.
    mutating func extend(by count: Int) { upperBound += count }
  }

  /// The segment that holds the byte at `position`, or the last one for the end of the text.
  private func segmentIndex(at position: Int) -> Int {
    var low = 0
    var high = segments.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if segments[middle].start <= position { low = middle } else { high = middle }
    }
    return low
  }

  /// As above, by a few steps where the segment is at `index` or soon after it.
  private func segmentIndex(at position: Int, near index: Int) -> Int {
    var index = index
    guard segments[index].start <= position else { return segmentIndex(at: position) }
    for _ in 0..<16 {
      guard index + 1 < segments.count, segments[index + 1].start <= position else { return index }
      index += 1
    }
    return segmentIndex(at: position)
  }

  /// The original bytes of `range`, which begins in segment `first`.
  private func originalRange(of range: Range<Int>, from first: Int) -> Range<Int> {
    let head = segments[first]
    var lower = head.original.lowerBound
    if head.isByteByByte { lower += range.lowerBound - head.start }
    if range.isEmpty {
      if range.lowerBound == bytes.count { lower = head.original.upperBound }
      return lower..<lower
    }
    let tail = segments[segmentIndex(at: range.upperBound - 1, near: first)]
    var upper = tail.original.upperBound
    if tail.isByteByByte { upper = tail.original.lowerBound + range.upperBound - tail.start }
    return lower..<upper
  }
}

extension AlignedText {
  /// Reads many ranges back that follow one another: each costs a step or two instead of a search.
  package struct OriginalRanges {
    private let text: AlignedText
    private var index = 0

    package init(_ text: AlignedText) { self.text = text }

    /// As ``AlignedText/originalRange(of:)``; ranges may come in any order.
    package mutating func callAsFunction(_ range: Range<Int>) -> Range<Int> {
      if text.segments.isEmpty { return range }
      index = text.segmentIndex(at: range.lowerBound, near: index)
      return text.originalRange(of: range, from: index)
    }
  }
}

// MARK: - Rewriting

extension AlignedText {
  /// One pass over a text that says what becomes of it. The ranges given to it follow one another
  /// without a gap, from the start of the text to its end.
  package struct Rewriter {
    private let source: AlignedText
    private var ranges: OriginalRanges
    /// How far the source has been dealt with.
    package private(set) var position = 0
    fileprivate var bytes: [UInt8] = []
    fileprivate var segments: [Segment] = []
    /// How many bytes the segments so far stand for; the bytes themselves follow a little later.
    private var alignedCount = 0

    fileprivate init(_ source: AlignedText) {
      self.source = source
      ranges = OriginalRanges(source)
      bytes.reserveCapacity(source.bytes.count)
    }

    /// How many bytes there are to go through.
    package var sourceCount: Int { source.bytes.count }

    /// The bytes from the current position up to `end` stay as they are.
    package mutating func keep(upTo end: Int) {
      keep(position..<end)
    }

    /// These bytes stay as they are.
    package mutating func keep(_ range: Range<Int>) {
      advance(over: range)
      if range.isEmpty { return }
      align(range, count: range.count, isByteByByte: true)
      source.bytes.withUnsafeBufferPointer { write(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    /// These bytes become others, which stand for all of them.
    package mutating func replace(_ range: Range<Int>, with replacement: UnsafeBufferPointer<UInt8>)
    {
      advance(over: range)
      if replacement.isEmpty { return }
      align(
        range, count: replacement.count, isByteByByte: hasSameBoundaries(range, replacement))
      write(replacement)
    }

    /// As above, from an array.
    package mutating func replace(_ range: Range<Int>, with replacement: [UInt8]) {
      replacement.withUnsafeBufferPointer { replace(range, with: $0) }
    }

    /// These bytes become one scalar, which stands for all of them.
    package mutating func replace(_ range: Range<Int>, with scalar: UInt32) {
      withUTF8(of: scalar) { replace(range, with: $0) }
    }

    /// Bytes that come from nothing in the original.
    package mutating func insert(_ added: [UInt8]) {
      if added.isEmpty { return }
      align(position..<position, count: added.count, isByteByByte: false)
      bytes.append(contentsOf: added)
    }

    /// These bytes become nothing.
    package mutating func remove(_ range: Range<Int>) {
      advance(over: range)
    }

    /// Words and marks are short: one byte after the other then costs less than a copy.
    @inline(__always)
    private mutating func write(_ added: UnsafeBufferPointer<UInt8>) {
      if added.count <= 8 {
        for byte in added { bytes.append(byte) }
      } else {
        bytes.append(contentsOf: added)
      }
    }

    private mutating func advance(over range: Range<Int>) {
      precondition(
        range.lowerBound == position && range.upperBound <= source.bytes.count,
        "\(range) was rewritten, expected a range from \(position) to at most \(source.bytes.count)"
      )
      position = range.upperBound
    }

    /// Notes where the next `count` bytes come from.
    private mutating func align(_ range: Range<Int>, count: Int, isByteByByte: Bool) {
      guard !source.isUnchanged else {
        append(count: count, original: range, isByteByByte: isByteByByte)
        return
      }
      guard isByteByByte, !range.isEmpty else {
        append(count: count, original: ranges(range), isByteByByte: false)
        return
      }
      // Byte by byte over stretches that were not all so: each keeps its own kind.
      var start = range.lowerBound
      while start < range.upperBound {
        let (segment, segmentEnd) = ranges.segment(at: start)
        let end = min(segmentEnd, range.upperBound)
        append(
          count: end - start, original: ranges(start..<end), isByteByByte: segment.isByteByByte)
        start = end
      }
    }

    private mutating func append(count: Int, original: Range<Int>, isByteByByte: Bool) {
      let start = alignedCount
      alignedCount += count
      var original = original
      if let last = segments.last {
        if isByteByByte, last.isByteByByte, last.original.upperBound == original.lowerBound {
          segments[segments.count - 1].extend(by: count)
          return
        }
        // Put in between two bytes that stand for the same: it shares their range, so that ranges
        // never step back.
        if original.isEmpty, last.original.upperBound > original.lowerBound {
          original = last.original
        }
      }
      segments.append(Segment(start: start, original: original, isByteByByte: isByteByByte))
    }

    /// Whether a replacement has as many bytes as what it replaces, in scalars of the same lengths.
    private func hasSameBoundaries(
      _ range: Range<Int>, _ replacement: UnsafeBufferPointer<UInt8>
    ) -> Bool {
      guard range.count == replacement.count else { return false }
      return source.bytes.withUnsafeBufferPointer { all in
        for offset in 0..<replacement.count {
          let isContinuation = all[range.lowerBound + offset] & 0xC0 == 0x80
          if isContinuation != (replacement[offset] & 0xC0 == 0x80) { return false }
        }
        return true
      }
    }
  }
}

extension AlignedText.OriginalRanges {
  /// The segment that holds the byte at `position`, and where it ends in the text.
  fileprivate mutating func segment(at position: Int) -> (AlignedText.Segment, end: Int) {
    index = text.segmentIndex(at: position, near: index)
    let next = index + 1
    let end = next < text.segments.count ? text.segments[next].start : text.bytes.count
    return (text.segments[index], end)
  }
}
