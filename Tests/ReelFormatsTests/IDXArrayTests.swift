import Foundation
import ReelFormats
import ReelTensor
import Testing

/// What Python's `gzip.compress(data, mtime=0)` makes of `plain`.
private let packed: [UInt8] = [
  31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 224, 96, 98, 96, 96, 0, 97, 102, 6, 70, 38, 102, 198,
  255, 0, 97, 195, 60, 116, 18, 0, 0, 0,
]
/// [2, 3] bytes.
private let plain: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1, 2, 3, 1, 255]

@Suite struct IDXArrayTests {
  @Test func plainAndPackedFilesAreTheSame() throws {
    let scratch = try Scratch()
    try scratch.put(plain)
    let array = try IDXArray(path: scratch.path)
    #expect(array.element == .unsignedByte && array.shape == [2, 3])
    #expect(array.tensor == Tensor(shape: [2, 3], values: [0, 1, 2, 3, 1, 255]))
    try scratch.put(packed)
    #expect(try IDXArray(path: scratch.path) == array)
    let copy = scratch.folder.file("copy")
    try array.write(to: copy)
    #expect(try contents(copy) == plain)
  }

  @Test func everyElementType() throws {
    let scratch = try Scratch()
    func values(_ type: UInt8, _ bytes: [UInt8], _ count: UInt8) throws -> [Float] {
      try scratch.put([0, 0, type, 1, 0, 0, 0, count] + bytes)
      return try IDXArray(path: scratch.path).tensor.values
    }
    #expect(try values(0x09, [0x80, 0x7F, 0xFF], 3) == [-128, 127, -1])
    #expect(try values(0x0B, [0x80, 0, 0x01, 0x02], 2) == [-32768, 258])
    #expect(try values(0x0C, [0xFF, 0xFF, 0xFF, 0xFE], 1) == [-2])
    #expect(try values(0x0D, [0x3F, 0xC0, 0, 0], 1) == [1.5])
    #expect(try values(0x0E, [0xBF, 0xE0, 0, 0, 0, 0, 0, 0], 1) == [-0.5])
    #expect(try values(0x08, [], 0) == [])
  }

  @Test func damagedFilesAreRefusedInOneLine() throws {
    let scratch = try Scratch()
    func refuse(_ bytes: [UInt8], _ parts: String...) throws {
      try scratch.put(bytes)
      expectRefusal(scratch.path, parts) { _ = try IDXArray(path: scratch.path) }
    }
    try refuse([], "0 bytes of the IDX header", "expected 4")
    try refuse([0, 0, 8], "3 bytes of the IDX header")
    try refuse([1, 0, 8, 1, 0, 0, 0, 0], "1 and 0", "0 and 0")
    try refuse([0, 0, 7, 1, 0, 0, 0, 0], "type 7", "8, 9, 11, 12, 13, 14")
    try refuse([0, 0, 8, 0], "without axes")
    try refuse([0, 0, 8, 2, 0, 0, 0, 1], "axes' lengths", "expected 8")
    try refuse(Array(plain.dropLast()), "shape [2, 3]")
    try refuse(plain + [0], "more bytes")
    try refuse(
      [0, 0, 0x0E, 3] + [UInt8](repeating: 255, count: 12),
      "[4294967295, 4294967295, 4294967295]", "at most 16 bytes")
    try refuse(Array(packed.dropLast(9)), "cut short")
    var damaged = packed
    damaged[packed.count - 8] ^= 1
    try refuse(damaged, "damaged")
    try refuse(packed + [7], "cut short")
    try refuse(packed + [7, 7, 7], "damaged")
    expectRefusal("nowhere", ["No such file"]) { _ = try IDXArray(path: "nowhere") }
  }

  /// Every cut, and every byte changed: an array or one line, never a crash.
  @Test func noDamageCrashes() throws {
    let scratch = try Scratch()
    for bytes in [plain, packed] {
      for place in bytes.indices {
        try scratch.put(Array(bytes[..<place]))
        expectRefusal(scratch.path, []) { _ = try IDXArray(path: scratch.path) }
        for change: UInt8 in [1, 128, 255] {
          var damaged = bytes
          damaged[place] ^= change
          try scratch.put(damaged)
          do { _ = try IDXArray(path: scratch.path) } catch { #expect(!"\(error)".contains("\n")) }
        }
      }
    }
  }

  @Test func membersFollowEachOther() throws {
    let scratch = try Scratch()
    // Two members, each of one half of `plain`.
    try scratch.put(halves)
    #expect(try IDXArray(path: scratch.path).shape == [2, 3])
  }
}

/// `gzip.compress(data[:9], mtime=0) + gzip.compress(data[9:], mtime=0)`.
private let halves: [UInt8] = [
  31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 224, 96, 98, 96, 96, 96, 98, 0, 0, 64, 153, 24, 170, 9,
  0, 0, 0, 31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 96, 102, 96, 100, 98, 102, 252, 15, 0, 157, 143,
  215, 118, 9, 0, 0, 0,
]
