/// Scanners that look at nothing but the class of each scalar.
enum ClassScanner {
  /// Runs of anything but white space.
  static func scanWords(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
    let table = UnicodeProperties.table
    var start = 0
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      var length = 1
      let isSpace: Bool
      if byte < 0x80 {
        isSpace = byte == 0x20 || 0x09...0x0D ~= byte
      } else {
        length = scalarLength(bytes, at: position)
        isSpace =
          table[UTF8Sequence.scalarValue(at: position, length: length, in: bytes)]
          .isWhiteSpace
      }
      if isSpace {
        if start < position { body(start..<position) }
        start = position + length
      }
      position += length
    }
    if start < position { body(start..<position) }
  }

  private static let space: UInt8 = 0
  private static let word: UInt8 = 1
  private static let other: UInt8 = 2
  private static let longer: UInt8 = 3

  /// Space, word or other for each ASCII byte.
  private static let ascii: [UInt8] = (0..<256).map { byte in
    byte < 0x80 ? kind(UnicodeProperties.table[UInt32(byte)]) : longer
  }

  @inline(__always)
  private static func kind(_ properties: ScalarProperties) -> UInt8 {
    properties.isWord ? word : properties.isWhiteSpace ? space : other
  }

  /// Runs of `\w` and runs of `[^\w\s]`.
  static func scanWhitespace(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
  ) {
    let table = UnicodeProperties.table
    ascii.withUnsafeBufferPointer { ascii in
      var start = 0
      var position = 0
      var current = space
      while position < bytes.count {
        var kind = ascii[Int(bytes[position])]
        var length = 1
        if kind == longer {
          length = scalarLength(bytes, at: position)
          let scalar = UTF8Sequence.scalarValue(at: position, length: length, in: bytes)
          kind = self.kind(table[scalar])
        }
        if kind != current {
          if current != space { body(start..<position) }
          current = kind
          start = position
        }
        position += length
      }
      if current != space { body(start..<position) }
    }
  }

  /// Pieces of so many scalars.
  static func scanFixedLength(
    _ bytes: UnsafeBufferPointer<UInt8>, _ length: Int, _ body: (Range<Int>) -> Void
  ) {
    var start = 0
    var position = 0
    var count = 0
    while position < bytes.count {
      position += scalarLength(bytes, at: position)
      count += 1
      if count == length {
        body(start..<position)
        start = position
        count = 0
      }
    }
    if start < position { body(start..<position) }
  }

  /// Runs of one script. Kana and the mark that lengthens them count as Chinese; spaces and
  /// characters of no script belong to the run they stand in, and are left out at the start.
  static func scanScripts(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
    let numbers = UnicodeScripts.numbers
    let (han, hiragana, katakana) = kana
    var start = -1
    var last: UInt8 = 0
    var position = 0
    while position < bytes.count {
      let length = scalarLength(bytes, at: position)
      let scalar = UTF8Sequence.scalarValue(at: position, length: length, in: bytes)
      var script = scalar == 0x20 ? 0 : numbers[scalar]
      if script == hiragana || script == katakana || scalar == 0x30FC { script = han }
      if script != 0 {
        if script != last {
          if start >= 0 { body(start..<position) }
          start = position
        }
        last = script
      }
      position += length
    }
    if start >= 0 { body(start..<position) }
  }

  /// The numbers of three scripts.
  private static let kana: (han: UInt8, hiragana: UInt8, katakana: UInt8) = {
    func number(_ name: String) -> UInt8 {
      UnicodeScripts.script(named: name).map { UInt8($0 + 1) } ?? 0
    }
    return (number("han"), number("hiragana"), number("katakana"))
  }()
}
