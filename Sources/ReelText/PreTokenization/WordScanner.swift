/// Finds words by Reel's rules: the matches of ``WordPattern``, in one pass.
struct WordScanner {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let ascii: UnsafeBufferPointer<UInt8>
  /// No e-mail address begins before this position: a run of its characters has been seen that
  /// ends without one, so that no character is looked at again and again.
  private var mailFreeEnd = 0

  static func scan(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void) {
    WordKind.ascii.withUnsafeBufferPointer { ascii in
      var scanner = WordScanner(bytes: bytes, ascii: ascii)
      scanner.run(body)
    }
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, ascii: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
    self.ascii = ascii
  }

  @inline(__always)
  private mutating func run(_ body: (Range<Int>) -> Void) {
    let count = bytes.count
    var start = 0
    while start < count {
      let (kind, length) = kind(at: start)
      if kind == WordKind.space {
        start += length
        continue
      }
      let end: Int
      switch kind {
      case WordKind.letter: end = wordEnd(start, length)
      case WordKind.number: end = numberEnd(start, length)
      default: end = otherEnd(start, length, kind)
      }
      body(start..<end)
      start = end
    }
  }

  // MARK: Kinds

  @inline(__always)
  private func kind(at position: Int) -> (kind: UInt8, length: Int) {
    let kind = ascii[Int(bytes[position])]
    return kind == WordKind.longer ? longerKind(at: position) : (kind, 1)
  }

  @inline(never)
  private func longerKind(at position: Int) -> (kind: UInt8, length: Int) {
    let length = scalarLength(bytes, at: position)
    let scalar = UTF8Sequence.scalarValue(at: position, length: length, in: bytes)
    return (WordKind.table[scalar], length)
  }

  /// The length of the scalar at a position where it is of a kind, else 0.
  @inline(__always)
  private func length(at position: Int, of kind: UInt8) -> Int {
    guard position < bytes.count else { return 0 }
    let (found, length) = self.kind(at: position)
    return found == kind ? length : 0
  }

  /// The end of what may stand inside a word, from a position on.
  @inline(__always)
  private func tailEnd(from start: Int) -> Int {
    var position = start
    while position < bytes.count {
      let kind = ascii[Int(bytes[position])]
      if WordKind.isTail(kind) {
        position += 1
        continue
      }
      if kind != WordKind.longer { break }
      let (longer, length) = longerKind(at: position)
      if !WordKind.isTail(longer) { break }
      position += length
    }
    return position
  }

  private func end(of kind: UInt8, from start: Int) -> Int {
    var position = start
    while true {
      let length = length(at: position, of: kind)
      if length == 0 { return position }
      position += length
    }
  }

  /// Whether the bytes at a position are these.
  @inline(__always)
  private func has(_ expected: StaticString, at position: Int) -> Bool {
    let length = expected.utf8CodeUnitCount
    guard position + length <= bytes.count else { return false }
    for offset in 0..<length where bytes[position + offset] != expected.utf8Start[offset] {
      return false
    }
    return true
  }

  // MARK: Words and numbers

  @inline(__always)
  private mutating func wordEnd(_ start: Int, _ length: Int) -> Int {
    let first = bytes[start] | 0x20
    if first == UInt8(ascii: "h") || first == UInt8(ascii: "w") || first == UInt8(ascii: "f"),
      let end = webAddressEnd(start)
    {
      return end
    }
    var end = tailEnd(from: start + length)
    if end == bytes.count { return end }
    if bytes[end] == 0x20 { return end }
    if bytes[start] < 0x80, let mail = mailEnd(start, wordEnd: end) { return mail }
    if end == start + length, bytes[end] == UInt8(ascii: "."),
      let abbreviation = abbreviationEnd(end + 1)
    {
      return abbreviation
    }
    // Apostrophes between letters.
    while true {
      var next = end
      if next < bytes.count, bytes[next] == UInt8(ascii: "'") {
        next += 1
      } else if has("\u{2019}", at: next) {
        next += 3
      } else {
        return end
      }
      let letter = self.length(at: next, of: WordKind.letter)
      if letter == 0 { return end }
      end = tailEnd(from: next + letter)
    }
  }

  @inline(__always)
  private mutating func numberEnd(_ start: Int, _ length: Int) -> Int {
    if bytes[start] < 0x80, let end = keycapEnd(start) { return end }
    var end = tailEnd(from: start + length)
    if bytes[start] < 0x80, let mail = mailEnd(start, wordEnd: end) { return mail }
    while end + 1 < bytes.count,
      bytes[end] == UInt8(ascii: ".") || bytes[end] == UInt8(ascii: ",")
    {
      let number = self.length(at: end + 1, of: WordKind.number)
      if number == 0 { break }
      end = tailEnd(from: end + 1 + number)
    }
    return end
  }

  /// The end of an abbreviation whose first full stop ends at `position`.
  private func abbreviationEnd(_ position: Int) -> Int? {
    var position = position
    var count = 1
    while true {
      let letter = length(at: position, of: WordKind.letter)
      guard letter > 0, position + letter < bytes.count,
        bytes[position + letter] == UInt8(ascii: ".")
      else { break }
      position += letter + 1
      count += 1
    }
    if count < 2 { return nil }
    guard position < bytes.count else { return position }
    let (kind, length) = kind(at: position)
    if kind == WordKind.letter || kind == WordKind.number { return nil }
    if kind == WordKind.han, isLetterOrNumber(position, length) { return nil }
    return position
  }

  /// Whether a scalar is a letter or a number, Chinese characters among them.
  private func isLetterOrNumber(_ position: Int, _ length: Int) -> Bool {
    let scalar = UTF8Sequence.scalarValue(at: position, length: length, in: bytes)
    let properties = UnicodeProperties.table[scalar]
    return properties.isLetter || properties.isNumber
  }

  // MARK: Addresses

  private func webAddressEnd(_ start: Int) -> Int? {
    guard let bodyStart = webAddressBody(start) else { return nil }
    var end = bodyStart
    while end < bytes.count {
      let byte = bytes[end]
      if byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "\"") {
        break
      }
      let (kind, length) = kind(at: end)
      if kind == WordKind.space { break }
      end += length
    }
    // Back to the last character that may end it.
    while end > bodyStart {
      let last = scalarStart(bytes, before: end)
      if bytes[last] == UInt8(ascii: "/") || isLetterOrNumber(last, end - last) { return end }
      end = last
    }
    return nil
  }

  /// Where an address goes on behind `http://` and the like.
  private func webAddressBody(_ start: Int) -> Int? {
    func matches(_ expected: StaticString) -> Bool {
      let length = expected.utf8CodeUnitCount
      guard start + length <= bytes.count else { return false }
      for offset in 0..<length {
        let byte = bytes[start + offset]
        let lower = 0x41...0x5A ~= byte ? byte | 0x20 : byte
        if lower != expected.utf8Start[offset] { return false }
      }
      return true
    }
    if matches("http://") { return start + 7 }
    if matches("https://") { return start + 8 }
    if matches("ftp://") { return start + 6 }
    return matches("www.") ? start + 4 : nil
  }

  /// The end of the e-mail address at `start`, whose first word ends at `wordEnd`.
  @inline(__always)
  private mutating func mailEnd(_ start: Int, wordEnd: Int) -> Int? {
    guard start >= mailFreeEnd, wordEnd < bytes.count else { return nil }
    switch bytes[wordEnd] {
    case UInt8(ascii: "@"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "%"):
      return mailEnd(start)
    default: return nil
    }
  }

  private mutating func mailEnd(_ start: Int) -> Int? {
    var end = start
    while end < bytes.count, Self.isMailName(bytes[end]) { end += 1 }
    mailFreeEnd = end
    guard end < bytes.count, bytes[end] == UInt8(ascii: "@") else { return nil }
    var position = labelEnd(end + 1)
    if position == end + 1 { return nil }
    var labels = 1
    while position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      let next = labelEnd(position + 1)
      if next == position + 1 { break }
      position = next
      labels += 1
    }
    return labels > 1 ? position : nil
  }

  private func labelEnd(_ start: Int) -> Int {
    var position = start
    while position < bytes.count, Self.isMailLabel(bytes[position]) { position += 1 }
    return position
  }

  private static func isMailLabel(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"): return true
    default: return false
    }
  }

  private static func isMailName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "%"), UInt8(ascii: "+"): return true
    default: return isMailLabel(byte)
    }
  }

  // MARK: Everything else

  private func keycapEnd(_ start: Int) -> Int? {
    if has("\u{20E3}", at: start + 1) { return start + 4 }
    return has("\u{FE0F}\u{20E3}", at: start + 1) ? start + 7 : nil
  }

  private func otherEnd(_ start: Int, _ length: Int, _ kind: UInt8) -> Int {
    let next = start + length
    switch kind {
    case WordKind.fullStop, WordKind.hyphen, WordKind.exclamation:
      return end(of: kind, from: next)
    case WordKind.key:
      if let end = keycapEnd(start) { return end }
    case WordKind.regionalIndicator:
      let second = self.length(at: next, of: kind)
      if second > 0 { return next + second }
    case WordKind.pictograph: return emojiEnd(next)
    default: break
    }
    return end(of: WordKind.mark, from: next)
  }

  /// The end of an emoji whose first scalar ends at `position`.
  private func emojiEnd(_ position: Int) -> Int {
    var position = modifierEnd(position)
    while has("\u{200D}", at: position) {
      let next = length(at: position + 3, of: WordKind.pictograph)
      if next == 0 { break }
      position = modifierEnd(position + 3 + next)
    }
    return position
  }

  /// The end of variation selectors, skin tones and tags.
  private func modifierEnd(_ start: Int) -> Int {
    var position = start
    while position < bytes.count, bytes[position] >= 0x80 {
      let length = scalarLength(bytes, at: position)
      switch UTF8Sequence.scalarValue(at: position, length: length, in: bytes) {
      case 0xFE0E, 0xFE0F, 0x1F3FB...0x1F3FF, 0xE0020...0xE007F: position += length
      default: return position
      }
    }
    return position
  }
}
