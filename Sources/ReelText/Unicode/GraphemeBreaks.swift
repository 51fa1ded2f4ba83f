import CUTF8Proc

/// Extended grapheme clusters (Unicode Standard Annex 29): what a reader takes for one character,
/// such as a letter with its marks, a flag, a family of emoji, or CR and LF together.
public enum GraphemeBreaks {
  /// Calls `body` with the range of each cluster, in order. The bytes are well-formed UTF-8.
  public static func forEach(
    in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
  ) {
    let table = UnicodeProperties.table
    var start = 0
    var position = 0
    var previous = SteppedScalar(value: 0, table)
    var state: utf8proc_int32_t = 0
    while position < bytes.count {
      // ASCII after ASCII: only CR and LF stay together.
      if position > start, bytes[position] < 0x80, bytes[position - 1] < 0x80 {
        if bytes[position] != 0x0A || bytes[position - 1] != 0x0D {
          body(start..<position)
          start = position
        }
        previous = SteppedScalar(value: UInt32(bytes[position]), table)
        state = 0
        position += 1
        continue
      }
      let (scalar, length) = UTF8Sequence.scalar(at: position, in: bytes)
      let current = SteppedScalar(value: scalar, table)
      if position > 0, isBreak(between: previous, and: current, &state) {
        body(start..<position)
        start = position
      }
      previous = current
      position += length
    }
    if position > start { body(start..<position) }
  }

  /// The ranges of all clusters of a text, in bytes of its UTF-8 form.
  public static func ranges(in text: String) -> [Range<Int>] {
    var copy = text
    var ranges: [Range<Int>] = []
    copy.withUTF8 { bytes in
      forEach(in: bytes) { ranges.append($0) }
    }
    return ranges
  }

  private struct SteppedScalar {
    let value: UInt32
    let boundary: GraphemeBoundary

    @inline(__always)
    init(value: UInt32, _ table: PropertyTable) {
      self.value = value
      boundary = table[value].boundary
    }
  }

  /// `state` carries what utf8proc has seen of the cluster so far: 0 where one begins.
  @inline(__always)
  private static func isBreak(
    between previous: SteppedScalar, and current: SteppedScalar, _ state: inout utf8proc_int32_t
  ) -> Bool {
    // Most of any text: two scalars of no class (GB999), or a control character (GB4 and GB5),
    // which joins nothing but CR with LF (GB3). No rule looks back past such a break.
    if (previous.boundary == .other && current.boundary == .other)
      || previous.boundary.isControl || current.boundary.isControl
    {
      state = 0
      return !(previous.boundary == .carriageReturn && current.boundary == .lineFeed)
    }
    let isBreak = utf8proc_grapheme_break_stateful(
      utf8proc_int32_t(previous.value), utf8proc_int32_t(current.value), &state)
    // Only what lies within a cluster may be carried on: the next call then takes up `current`.
    if isBreak { state = 0 }
    return isBreak
  }
}
