// The records of a zip archive as Python's `zipfile` writes them for `numpy.savez`: local headers
// always have 64-bit sizes, the directory has them where a number does not fit 32 bits.

extension ZipDirectory.Entry {
  private static let wideVersion: UInt16 = 45
  /// Bit 11 says that a name is UTF-8; ASCII needs no saying.
  private var flags: UInt16 { name.utf8.allSatisfy { $0 < 0x80 } ? 0 : 0x800 }
  /// 1980-01-01 00:00, the first moment that zip knows: time, then date.
  private static let timeStamp: [UInt8] = [0, 0, 0x21, 0]

  private func appendCommon(to bytes: inout [UInt8]) {
    bytes.append(littleEndian: flags)
    bytes.append(littleEndian: isDeflated ? 8 as UInt16 : 0)
    bytes += Self.timeStamp
    bytes.append(littleEndian: checksum)
  }

  var localHeader: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: ZipDirectory.localSignature)
    bytes.append(littleEndian: Self.wideVersion)
    appendCommon(to: &bytes)
    bytes.append(littleEndian: UInt32.max)
    bytes.append(littleEndian: UInt32.max)
    bytes.append(littleEndian: UInt16(name.utf8.count))
    let extra = Self.wideField([size, compressedSize])
    bytes.append(littleEndian: UInt16(extra.count))
    return bytes + Array(name.utf8) + extra
  }

  var directoryHeader: [UInt8] {
    var wide: [Int] = []
    func narrow(_ numbers: [Int]) -> [UInt32] {
      let areLarge = numbers.contains { $0 >= Int(UInt32.max) }
      if areLarge { wide += numbers }
      return numbers.map { areLarge ? UInt32.max : UInt32($0) }
    }
    let sizes = narrow([size, compressedSize])
    let start = narrow([start])
    let extra = wide.isEmpty ? [] : Self.wideField(wide)
    var bytes: [UInt8] = []
    bytes.append(littleEndian: ZipDirectory.centralSignature)
    bytes.append(littleEndian: Self.wideVersion | 3 << 8)  // made on Unix
    bytes.append(littleEndian: Self.wideVersion)
    appendCommon(to: &bytes)
    bytes.append(littleEndian: sizes[1])
    bytes.append(littleEndian: sizes[0])
    bytes.append(littleEndian: UInt16(name.utf8.count))
    bytes.append(littleEndian: UInt16(extra.count))
    bytes += [0, 0, 0, 0, 0, 0]  // no comment, part 0, no internal attributes
    bytes.append(littleEndian: 0o600 << 16 as UInt32)  // Unix permissions
    bytes.append(littleEndian: start[0])
    return bytes + Array(name.utf8) + extra
  }

  private static func wideField(_ numbers: [Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: ZipDirectory.wideTag)
    bytes.append(littleEndian: UInt16(numbers.count * 8))
    for number in numbers { bytes.append(littleEndian: UInt64(number)) }
    return bytes
  }
}

extension ZipDirectory {
  /// What follows the directory.
  static func end(count: Int, size: Int, offset: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    if count > Int(UInt16.max) || size >= Int(UInt32.max) || offset >= Int(UInt32.max) {
      bytes.append(littleEndian: wideEndSignature)
      bytes.append(littleEndian: UInt64(wideEndSize - 12))
      bytes.append(littleEndian: 45 as UInt16)
      bytes.append(littleEndian: 45 as UInt16)
      bytes.append(littleEndian: 0 as UInt64)  // part numbers
      bytes.append(littleEndian: UInt64(count))
      bytes.append(littleEndian: UInt64(count))
      bytes.append(littleEndian: UInt64(size))
      bytes.append(littleEndian: UInt64(offset))
      bytes.append(littleEndian: wideEndLocatorSignature)
      bytes.append(littleEndian: 0 as UInt32)
      bytes.append(littleEndian: UInt64(offset + size))
      bytes.append(littleEndian: 1 as UInt32)
    }
    bytes.append(littleEndian: endSignature)
    bytes.append(littleEndian: 0 as UInt32)  // part numbers
    bytes.append(littleEndian: UInt16(clamping: count))
    bytes.append(littleEndian: UInt16(clamping: count))
    bytes.append(littleEndian: UInt32(clamping: size))
    bytes.append(littleEndian: UInt32(clamping: offset))
    bytes.append(littleEndian: 0 as UInt16)  // no comment
    return bytes
  }
}
