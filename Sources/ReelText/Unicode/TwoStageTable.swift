/// A value for each scalar: the upper bits of a scalar give the number of a block of 256 values,
/// and blocks with the same values are stored once.
struct TwoStageTable<Value: FixedWidthInteger & Sendable>: Sendable {
  private let blocks: [UInt16]
  private let values: [Value]

  private static var blockSize: UInt32 { 256 }
  private static var scalarCount: UInt32 { 0x110000 }

  /// The value of a scalar; that of U+50000, which is unassigned, beyond U+10FFFF.
  @inline(__always)
  subscript(scalar: UInt32) -> Value {
    let row = Int(truncatingIfNeeded: min(scalar, Self.scalarCount) >> 8)
    let block = blocks.withUnsafeBufferPointer { $0[row] }
    return values.withUnsafeBufferPointer {
      $0[Int(block) << 8 | Int(truncatingIfNeeded: scalar & 0xFF)]
    }
  }

  /// Asks for the value of each scalar. The planes 4 to 13, where nothing is assigned, and the
  /// planes 15 and 16, all for private use, are asked for once: their last two values are those of
  /// noncharacters, as in plane 4.
  init(_ value: (UInt32) -> Value) {
    var blocks: [UInt16] = []
    var values: [Value] = []
    var uniform: [Value: UInt16] = [:]
    var mixed: [[Value]: UInt16] = [:]
    var block = [Value](repeating: 0, count: Int(Self.blockSize))
    var numbers: [UInt32: UInt16] = [:]
    for start in stride(from: UInt32(0), to: Self.scalarCount + 1, by: Int(Self.blockSize)) {
      let representative = Self.representative(of: start)
      if let number = numbers[representative] {
        blocks.append(number)
        continue
      }
      var isUniform = true
      for index in block.indices {
        block[index] = value(representative + UInt32(index))
        if block[index] != block[0] { isUniform = false }
      }
      // Most blocks hold one value, which is quicker to find again than a whole block.
      let number =
        (isUniform ? uniform[block[0]] : mixed[block]) ?? UInt16(values.count / block.count)
      if Int(number) * block.count == values.count {
        values += block
        if isUniform { uniform[block[0]] = number } else { mixed[block] = number }
      }
      numbers[representative] = number
      blocks.append(number)
    }
    self.blocks = blocks
    self.values = values
  }

  /// The start of a block that is certain to have the same values as the block at `start`.
  private static func representative(of start: UInt32) -> UInt32 {
    let isLast = start & 0xFFFF == 0xFF00
    switch start >> 16 {
    case 4...13, 17: return isLast ? 0x4FF00 : 0x50000
    case 15, 16: return isLast ? 0xFFF00 : 0xF0000
    default: return start
    }
  }
}
