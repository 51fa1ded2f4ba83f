/// The table of contents of a zip archive, checked against the file: every entry's header, size
/// and place. Source: PKWARE's APPNOTE.TXT, sections 4.3 to 4.5.
struct ZipDirectory {
  struct Entry {
    var name: String
    var isDeflated: Bool
    var checksum: UInt32
    /// Bytes in the archive.
    var compressedSize: Int
    /// Bytes once they are inflated.
    var size: Int
    /// Offset in the file of the local header, and of the data.
    var start: Int
    var dataStart = 0
  }

  private(set) var entries: [Entry] = []

  static let endSignature: UInt32 = 0x0605_4b50
  static let wideEndSignature: UInt32 = 0x0606_4b50
  static let wideEndLocatorSignature: UInt32 = 0x0706_4b50
  static let centralSignature: UInt32 = 0x0201_4b50
  static let localSignature: UInt32 = 0x0403_4b50
  static let endSize = 22
  static let wideEndSize = 56
  static let wideEndLocatorSize = 20
  static let centralSize = 46
  static let localSize = 30
  /// Tag of the extra field with 64-bit sizes and offsets.
  static let wideTag: UInt16 = 1

  private let file: InputFile

  init(of file: InputFile) throws {
    self.file = file
    let end = try findEnd()
    var cursor = ByteCursor(try file.bytes(at: end.offset, count: end.size))
    var names: Set<String> = []
    while cursor.rest > 0 {
      let entry = try centralEntry(&cursor)
      guard names.insert(entry.name).inserted else {
        throw problem("the name \(entry.name.quoted) comes twice", "unique names")
      }
      entries.append(entry)
    }
    guard entries.count == end.count else {
      throw problem("\(entries.count) entries", "\(end.count), as the end of the archive says")
    }
    try checkPlaces(directoryStart: end.offset)
  }

  private func problem(_ came: String, _ expected: String) -> FormatError {
    FormatError(path: file.path, came: came, expected: expected)
  }

  // MARK: The end

  private typealias End = (offset: Int, size: Int, count: Int)

  /// Place and number of entries of the central directory, from the record that ends the file.
  private func findEnd() throws -> End {
    // A comment of up to 65,535 bytes may follow the record.
    let tailSize = min(file.size, Self.endSize + 0xFFFF)
    let tail = try file.bytes(at: file.size - tailSize, count: tailSize)
    let candidates = stride(from: tailSize - Self.endSize, through: 0, by: -1)
    let found = candidates.first { start in
      var cursor = ByteCursor(tail, at: start)
      guard cursor.uint32() == Self.endSignature else { return false }
      _ = cursor.take(16)
      return Int(cursor.uint16()) == cursor.rest
    }
    guard let found else {
      throw problem(
        "a file of \(file.size) bytes without the end of a zip archive", "a zip archive (.npz)")
    }
    let position = file.size - tailSize + found
    var cursor = ByteCursor(tail, at: found + 4)
    let disks = (cursor.uint16(), cursor.uint16())
    let counts = (cursor.uint16(), cursor.uint16())
    let size = cursor.uint32()
    let offset = cursor.uint32()
    if let end = try wideEnd(before: position) {
      return try checked(end, endsAt: position - Self.wideEndLocatorSize - Self.wideEndSize)
    }
    guard disks == (0, 0), counts.0 == counts.1 else {
      throw problem("a zip archive in several parts", "one file")
    }
    return try checked((Int(offset), Int(size), Int(counts.0)), endsAt: position)
  }

  /// The end in its form for large archives, if the archive has one.
  private func wideEnd(before position: Int) throws -> End? {
    let start = position - Self.wideEndLocatorSize - Self.wideEndSize
    guard start >= 0 else { return nil }
    let bytes = try file.bytes(at: start, count: position - start)
    var locator = ByteCursor(bytes, at: Self.wideEndSize)
    guard locator.uint32() == Self.wideEndLocatorSignature else { return nil }
    let disk = locator.uint32()
    let place = locator.uint64()
    let disks = locator.uint32()
    var cursor = ByteCursor(bytes)
    let signature = cursor.uint32()
    let size = cursor.uint64()
    _ = cursor.take(4)
    let parts = (cursor.uint32(), cursor.uint32())
    let counts = (cursor.uint64(), cursor.uint64())
    let directorySize = cursor.uint64()
    let directoryOffset = cursor.uint64()
    guard
      signature == Self.wideEndSignature, size == UInt64(Self.wideEndSize - 12),
      place == UInt64(start), disk == 0, disks == 1, parts == (0, 0), counts.0 == counts.1
    else {
      throw problem(
        "a zip64 end at byte \(place) of \(size) bytes, \(disks) parts",
        "at byte \(start), \(Self.wideEndSize - 12) bytes, 1 part")
    }
    guard
      let offset = Int(exactly: directoryOffset), let length = Int(exactly: directorySize),
      let count = Int(exactly: counts.0)
    else {
      throw problem(
        "a directory of \(directorySize) bytes at byte \(directoryOffset)",
        "offsets inside the file of \(file.size) bytes")
    }
    return (offset, length, count)
  }

  private func checked(_ end: End, endsAt position: Int) throws -> End {
    let (sum, overflow) = end.offset.addingReportingOverflow(end.size)
    guard !overflow, sum == position else {
      throw problem(
        "the zip directory of \(end.size) bytes at byte \(end.offset)",
        "one that ends at byte \(position)")
    }
    return end
  }

  // MARK: The entries

  private func centralEntry(_ cursor: inout ByteCursor) throws -> Entry {
    let number = entries.count + 1
    guard cursor.rest >= Self.centralSize, cursor.uint32() == Self.centralSignature else {
      throw problem("zip directory entry \(number) is damaged or cut short", "a header of an entry")
    }
    _ = cursor.take(4)
    let flags = cursor.uint16()
    let method = cursor.uint16()
    _ = cursor.take(4)
    let checksum = cursor.uint32()
    let narrow = (cursor.uint32(), cursor.uint32())
    let lengths = (Int(cursor.uint16()), Int(cursor.uint16()), Int(cursor.uint16()))
    let disk = cursor.uint16()
    _ = cursor.take(6)
    let narrowStart = cursor.uint32()
    guard cursor.rest >= lengths.0 + lengths.1 + lengths.2 else {
      throw problem("zip directory entry \(number) is cut short", "its name and extra fields")
    }
    let name = try name(cursor.take(lengths.0), flags: flags)
    let extra = cursor.take(lengths.1)
    _ = cursor.take(lengths.2)
    let what = "entry \(name.quoted)"
    guard flags & 0x2041 == 0 else { throw problem("\(what) is encrypted", "a plain entry") }
    guard method == 0 || method == 8 else {
      throw problem("\(what) has compression method \(method)", "0 (stored) or 8 (deflated)")
    }
    guard disk == 0 else { throw problem("\(what) lies in part \(disk)", "one file") }
    let wide = try wideNumbers(
      [narrow.1, narrow.0, narrowStart], extra: extra, what: what)
    let entry = Entry(
      name: name, isDeflated: method == 8, checksum: checksum, compressedSize: wide[1],
      size: wide[0], start: wide[2])
    // Deflate makes at most 258 bytes of 2 bits. More is a lie, and would be asked of memory.
    let isPlausible =
      entry.isDeflated
      ? entry.size / 1032 <= entry.compressedSize : entry.size == entry.compressedSize
    guard isPlausible else {
      throw problem(
        "\(what) has \(entry.size) bytes, \(entry.compressedSize) in the archive",
        entry.isDeflated ? "at most 1032 times as many" : "as many, it is stored")
    }
    return entry
  }

  private func name(_ bytes: [UInt8], flags: UInt16) throws -> String {
    let isUnicode = flags & 0x800 != 0
    guard isUnicode || bytes.allSatisfy({ $0 < 0x80 }),
      let name = String(validating: bytes, as: UTF8.self)
    else {
      throw problem(
        "an entry with the name \(String(decoding: bytes, as: UTF8.self).quoted)",
        "ASCII, or UTF-8 marked as such")
    }
    return name
  }

  /// Replaces each number that is too large for 32 bits by the one in the zip64 extra field, which
  /// holds these numbers only, in this order.
  private func wideNumbers(_ narrow: [UInt32], extra: [UInt8], what: String) throws -> [Int] {
    var field: ByteCursor?
    var cursor = ByteCursor(extra)
    while cursor.rest >= 4 {
      let tag = cursor.uint16()
      let length = Int(cursor.uint16())
      guard length <= cursor.rest else {
        throw problem("\(what) has an extra field of \(length) bytes", "at most \(cursor.rest)")
      }
      let bytes = cursor.take(length)
      if tag == Self.wideTag { field = ByteCursor(bytes) }
    }
    return try narrow.map { number in
      guard number == UInt32.max else { return Int(number) }
      guard let rest = field?.rest, rest >= 8, let wide = field?.uint64(),
        let value = Int(exactly: wide)
      else { throw problem("\(what) lacks its 64-bit sizes", "a zip64 extra field with them") }
      return value
    }
  }

  // MARK: The places

  /// Reads the local headers, which must repeat what the directory says, and sees that no two
  /// entries share bytes.
  private mutating func checkPlaces(directoryStart: Int) throws {
    let order = entries.indices.sorted {
      (entries[$0].start, $0) < (entries[$1].start, $1)
    }
    var end = 0
    for index in order {
      let entry = entries[index]
      let what = "entry \(entry.name.quoted)"
      guard entry.start >= end else {
        throw problem("\(what) begins at byte \(entry.start)", "\(end) or more: entries overlap")
      }
      guard entry.start <= directoryStart - Self.localSize else {
        throw problem(
          "\(what) begins at byte \(entry.start)",
          "one before the directory at \(directoryStart)")
      }
      let headerEnd = try localHeaderEnd(of: entry, what: what, limit: directoryStart)
      guard entry.compressedSize <= directoryStart - headerEnd else {
        throw problem(
          "\(what) has \(entry.compressedSize) bytes from byte \(headerEnd) on",
          "an end before the directory at \(directoryStart)")
      }
      entries[index].dataStart = headerEnd
      end = headerEnd + entry.compressedSize
    }
  }

  private func localHeaderEnd(of entry: Entry, what: String, limit: Int) throws -> Int {
    var header = ByteCursor(try file.bytes(at: entry.start, count: Self.localSize))
    let signature = header.uint32()
    _ = header.take(2)
    let flags = header.uint16()
    let method = header.uint16()
    _ = header.take(4)
    let checksum = header.uint32()
    let sizes = (header.uint32(), header.uint32())
    let lengths = (Int(header.uint16()), Int(header.uint16()))
    let end = entry.start + Self.localSize + lengths.0 + lengths.1
    guard signature == Self.localSignature, end <= limit else {
      throw problem("\(what) has no header at byte \(entry.start)", "the header of an entry")
    }
    let variable = try file.bytes(
      at: entry.start + Self.localSize, count: lengths.0 + lengths.1)
    let extra = Array(variable[lengths.0...])
    // With this flag, checksum and sizes follow the data; the directory has them too.
    let isStreamed = flags & 8 != 0
    let wide =
      isStreamed ? [] : try wideNumbers([sizes.1, sizes.0], extra: extra, what: what)
    guard
      Array(variable[..<lengths.0]) == Array(entry.name.utf8), (method == 8) == entry.isDeflated,
      isStreamed || (checksum == entry.checksum && wide == [entry.size, entry.compressedSize])
    else {
      throw problem("\(what) differs from its header at byte \(entry.start)", "the same there")
    }
    return end
  }
}
