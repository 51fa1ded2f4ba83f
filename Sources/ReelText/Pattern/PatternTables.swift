/// The tables of a program by their addresses, and what a search asks them about the scalars of a text.
struct PatternTables {
  let instructions: UnsafePointer<PatternProgram.Instruction>
  let literals: UnsafePointer<UInt8>
  let firstBytes: UnsafePointer<UInt8>
  private let setBytes: UnsafePointer<UInt8>
  private let blocks: UnsafePointer<UInt16>
  private let words: UnsafePointer<UInt64>
  private let wordSet: Int32

  static func with(_ program: PatternProgram, _ body: (PatternTables) -> Void) {
    let bitmaps = program.bitmaps
    program.instructions.withUnsafeBufferPointer { instructions in
      bitmaps.firstBytes.withUnsafeBufferPointer { setBytes in
        bitmaps.blocks.withUnsafeBufferPointer { blocks in
          bitmaps.words.withUnsafeBufferPointer { words in
            program.literals.withUnsafeBufferPointer { literals in
              program.firstBytes.withUnsafeBufferPointer { firstBytes in
                // An empty array may have no address; it is never read then.
                guard let code = instructions.baseAddress, let words = words.baseAddress else {
                  return
                }
                let spare = UnsafeRawPointer(words)
                let spareBytes = spare.assumingMemoryBound(to: UInt8.self)
                body(
                  PatternTables(
                    instructions: code, literals: literals.baseAddress ?? spareBytes,
                    firstBytes: firstBytes.baseAddress ?? spareBytes,
                    setBytes: setBytes.baseAddress ?? spareBytes,
                    blocks: blocks.baseAddress ?? spare.assumingMemoryBound(to: UInt16.self),
                    words: words, wordSet: Int32(program.wordSet)))
              }
            }
          }
        }
      }
    }
  }

  /// How many bytes the scalar at a position has; 1 at the end.
  @inline(__always)
  static func length(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> Int {
    guard position < bytes.count else { return 1 }
    let byte = bytes[position]
    if byte < 0xC0 { return 1 }
    return min(byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4, bytes.count - position)
  }

  /// The start of the scalar before a position; −1 at the start of the text.
  @inline(__always)
  static func previous(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> Int {
    var position = position - 1
    while position > 0, bytes[position] & 0xC0 == 0x80 { position -= 1 }
    return position
  }

  /// The length of the scalar at `position` where it is in a set, else 0.
  @inline(__always)
  func length(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int, in set: Int32) -> Int {
    guard position < bytes.count else { return 0 }
    let byte = bytes[position]
    let known = setBytes[Int(set) << 8 | Int(byte)]
    if known == ScalarBitmaps.isOut { return 0 }
    let length = Self.length(bytes, at: position)
    if known == ScalarBitmaps.isIn { return length }
    let scalar = UTF8Sequence.scalarValue(at: position, length: length, in: bytes)
    let block = blocks[Int(set) * ScalarBitmaps.blocksPerSet + Int(scalar >> 8) % 0x1100]
    let word = words[Int(block) << 2 | Int(scalar >> 6 & 3)]
    return word >> UInt64(scalar & 63) & 1 != 0 ? length : 0
  }

  /// The scalar before a position is in a set.
  func isBehind(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int, in set: Int32) -> Bool {
    let before = Self.previous(bytes, position)
    return before >= 0 && length(bytes, at: before, in: set) > 0
  }

  /// One of the scalars before and behind a position is of a word, and the other is not.
  func isWordBoundary(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
    isBehind(bytes, position, in: wordSet) != (length(bytes, at: position, in: wordSet) > 0)
  }
}
