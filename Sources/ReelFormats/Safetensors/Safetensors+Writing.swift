import ReelTensor

extension Safetensors {
  /// Writes the tensors in the order given, as F32, or as they are held (see `WeightFormat`), with the metadata sorted by key: the same input
  /// gives the same bytes. Either the whole file appears at `path`, or what was there stays (see
  /// `AtomicFile`).
  ///
  /// - Throws: `FileError` when the system refuses; `FormatError` for a tensor with the name
  ///   `__metadata__`, which the format keeps for itself, or the name of another one's scales, or for a header over
  ///   100 MB.
  public static func write(
    _ tensors: NamedTensors, metadata: [String: String] = [:], to path: String
  ) throws {
    let header = try header(tensors, metadata: metadata, path: path)
    try AtomicFile.write(to: path) { writer in
      try writer.write(header)
      for part in try parts(of: tensors, path: path) {
        try part.tensor.withBytes(as: part.type) { try writer.write($0) }
      }
    }
  }

  /// The length and the JSON, padded with spaces to a multiple of 8 bytes.
  private static func header(
    _ tensors: NamedTensors, metadata: [String: String], path: String
  ) throws -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let sorted = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      let texts = sorted.map { "\(literal($0.key)):\(literal($0.value))" }
      members.append("\"\(metadataKey)\":{\(texts.joined(separator: ","))}")
    }
    var offset = 0
    for part in try parts(of: tensors, path: path) {
      let shape = part.tensor.shape.map(String.init).joined(separator: ",")
      let end = offset + part.tensor.count * part.type.byteCount
      members.append(
        "\(literal(part.name)):{\"dtype\":\"\(name(of: part.type))\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    var json = Array("{\(members.joined(separator: ","))}".utf8)
    while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
    guard json.count <= longestHeader else {
      throw FormatError(
        path: path, came: "\(tensors.count) tensors with a header of \(json.count) bytes",
        expected: "a header of at most \(longestHeader)")
    }
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }

  /// A JSON string.
  private static func literal(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{00}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
