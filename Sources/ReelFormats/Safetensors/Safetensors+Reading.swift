import ReelTensor

extension Safetensors {
  /// Reads all tensors, in the order of their data in the file, and the metadata.
  ///
  /// - Throws: `FileError` when the file cannot be read, `FormatError` when anything in it breaks
  ///   the format: every length, offset, name, type and shape is checked before data is read.
  public static func read(_ path: String) throws -> (
    tensors: NamedTensors, metadata: [String: String]
  ) {
    let file = try InputFile(path)
    let header = try Header(of: file)
    let scales = scales(among: header.entries)
    let scaleNames = Set(scales.values.map(\.name))
    var tensors = NamedTensors()
    for entry in header.entries where !scaleNames.contains(entry.name) {
      let scale = scales[entry.name]
      let tensor = try tensor(entry, scale: scale, file, dataStart: header.dataStart)
      tensors.append(entry.name, tensor)
    }
    return (tensors, header.metadata)
  }

  /// Reads the metadata alone; the header is checked as `read` does, the data is not touched.
  public static func readMetadata(_ path: String) throws -> [String: String] {
    try Header(of: InputFile(path)).metadata
  }

  /// What the header says, checked against the size of the file.
  struct Header {
    struct Entry {
      var name: String
      var type: ElementType
      var shape: [Int]
      /// Range of bytes, counted from the end of the header.
      var begin: Int
      var end: Int
    }

    /// In the order of their data.
    private(set) var entries: [Entry] = []
    private(set) var metadata: [String: String] = [:]
    /// Offset in the file at which the data begins.
    let dataStart: Int

    init(of file: InputFile) throws {
      guard file.size >= 8 else {
        throw FormatError(
          path: file.path, came: "the file has \(file.size) bytes",
          expected: "at least 8, the length of the header")
      }
      let length = try file.bytes(at: 0, count: 8).reversed().reduce(0 as UInt64) {
        $0 << 8 | UInt64($1)
      }
      let limit = min(Safetensors.longestHeader, file.size - 8)
      guard length <= limit else {
        throw FormatError(
          path: file.path, came: "a header of \(length) bytes in a file of \(file.size)",
          expected: "at most \(limit)")
      }
      dataStart = 8 + Int(length)
      let json = try file.bytes(at: 8, count: Int(length))
      guard json.first == UInt8(ascii: "{") else {
        let came =
          json.isEmpty ? "nothing" : String(decoding: json.prefix(12), as: UTF8.self).quoted
        throw FormatError(
          path: file.path, came: "the header begins with \(came)",
          expected: "'{', a safetensors file")
      }
      var scanner = JSONScanner(json, path: file.path)
      try parse(&scanner)
      try checkRanges(dataCount: file.size - dataStart, path: file.path)
    }

    private mutating func parse(_ scanner: inout JSONScanner) throws {
      try scanner.object("the header") { scanner, name in
        if name == Safetensors.metadataKey {
          try scanner.object("the metadata") { scanner, key in
            metadata[key] = try scanner.string("the metadata \(key.quoted)")
          }
        } else {
          try entries.append(Self.entry(name, &scanner))
        }
      }
      try scanner.end()
    }

    private static func entry(_ name: String, _ scanner: inout JSONScanner) throws -> Entry {
      let what = "tensor \(name.quoted)"
      let path = scanner.path
      var typeName: String?
      var shape: [Int]?
      var offsets: [Int]?
      try scanner.object(what) { scanner, key in
        switch key {
        case "dtype": typeName = try scanner.string("the dtype of \(what)")
        case "shape": shape = try scanner.naturalNumbers("the shape of \(what)")
        case "data_offsets": offsets = try scanner.naturalNumbers("the data_offsets of \(what)")
        default:
          throw FormatError(
            path: path, came: "\(what) has the key \(key.quoted)",
            expected: "dtype, shape and data_offsets")
        }
      }
      guard let typeName, let shape, let offsets else {
        let missing = [
          ("dtype", typeName == nil), ("shape", shape == nil), ("data_offsets", offsets == nil),
        ]
        let names = missing.filter(\.1).map(\.0).joined(separator: ", ")
        throw FormatError(
          path: path, came: "\(what) lacks \(names)", expected: "dtype, shape and data_offsets")
      }
      guard let type = Safetensors.elementType(named: typeName) else {
        throw FormatError(
          path: path, came: "\(what) has the dtype \(typeName.quoted)",
          expected: "F32, F16, BF16, F64, BOOL, I8 to I64 or U8 to U64")
      }
      guard offsets.count == 2, offsets[0] <= offsets[1] else {
        throw FormatError(
          path: path, came: "\(what) has the data_offsets \(offsets.shownShortly)",
          expected: "[begin, end] with begin <= end")
      }
      guard let size = type.byteCount(of: shape), size == offsets[1] - offsets[0] else {
        let size = type.byteCount(of: shape).map { "\($0) bytes" } ?? "a size that exists"
        throw FormatError(
          path: path,
          came: "\(what) has \(offsets[1] - offsets[0]) bytes of data (\(offsets))",
          expected: "\(size) for \(typeName) of shape \(shape.shownShortly)")
      }
      return Entry(name: name, type: type, shape: shape, begin: offsets[0], end: offsets[1])
    }

    /// Sorts the entries by their data and sees that they fill it. (The order of the members of a
    /// JSON object means nothing, so it may differ from that of the data.)
    private mutating func checkRanges(dataCount: Int, path: String) throws {
      let order = entries.indices.sorted {
        (entries[$0].begin, entries[$0].end, $0) < (entries[$1].begin, entries[$1].end, $1)
      }
      entries = order.map { entries[$0] }
      var end = 0
      for entry in entries {
        guard entry.begin == end else {
          let problem = entry.begin < end ? "overlaps the tensor before" : "leaves a hole"
          throw FormatError(
            path: path,
            came: "the data of tensor \(entry.name.quoted) begins at \(entry.begin): it \(problem)",
            expected: "\(end), where the tensor before ends")
        }
        end = entry.end
      }
      guard end == dataCount else {
        throw FormatError(
          path: path,
          came: "\(dataCount) bytes of data: \(end > dataCount ? "cut short" : "too many")",
          expected: "\(end), where the last tensor ends")
      }
    }
  }
}

extension [Int] {
  /// Like `description`, without the middle of long lists.
  var shownShortly: String {
    count <= 16 ? description : "[\(prefix(8).map(String.init).joined(separator: ", ")), …]"
  }
}
