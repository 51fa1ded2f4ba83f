import ReelTensor

extension NumpyArchive {
  /// Reads all arrays, in the order of the archive's directory; names lose their `.npy`.
  ///
  /// - Throws: `FileError` when the file cannot be read; `FormatError` when anything in it breaks
  ///   the format: places, sizes, headers and checksums are checked.
  public static func read(_ path: String) throws -> NamedTensors {
    let file = try InputFile(path)
    let directory = try ZipDirectory(of: file)
    var tensors = NamedTensors()
    for entry in directory.entries {
      guard entry.name.hasSuffix(suffix) else {
        throw FormatError(
          path: path, came: "the entry \(entry.name.quoted)", expected: "names that end in .npy")
      }
      let reader = try ZipEntryReader(entry, in: file)
      tensors.append(
        String(entry.name.dropLast(suffix.count)), try tensor(reader, entry: entry.name, path))
    }
    return tensors
  }

  private static func tensor(
    _ reader: ZipEntryReader, entry: String, _ path: String
  ) throws -> Tensor {
    let header = try NumpyHeader(entry: entry, path: path) { try reader.bytes($0) }
    let size = header.type.byteCount(of: header.shape)
    guard size == reader.rest else {
      throw reader.problem(
        "\(reader.rest) bytes of values",
        "\(size.map { "\($0) bytes" } ?? "a size that exists") for \(header.type) of shape "
          + header.shape.shownShortly)
    }
    let storedShape = header.isFortranOrder ? header.shape.reversed() : header.shape
    let stored = try header.type.tensor(shape: storedShape, bigEndian: header.isBigEndian) {
      try reader.read(into: $0)
    }
    try reader.finish()
    return header.isFortranOrder ? withAxesReversed(stored) : stored
  }

  /// `result[i, j, ..., k] = tensor[k, ..., j, i]`
  static func withAxesReversed(_ tensor: Tensor) -> Tensor {
    let shape = Array(tensor.shape.reversed())
    guard let inner = shape.last, tensor.count > 0 else {
      return Tensor(shape: shape, values: tensor.values)
    }
    // How far apart, in the source, neighbours along each axis of the result are.
    var strides = [1]
    for length in shape.dropLast() { strides.append(strides[strides.count - 1] * length) }
    let innerStride = strides[strides.count - 1]
    return tensor.withUnsafeValues { source in
      Tensor.build(shape: shape) { target in
        var indices = [Int](repeating: 0, count: shape.count)
        var start = 0
        for row in Swift.stride(from: 0, to: target.count, by: inner) {
          for column in 0..<inner {
            target.initializeElement(at: row + column, to: source[start + column * innerStride])
          }
          // Counts the outer indices up, the last one fastest.
          for axis in indices.indices.dropLast().reversed() {
            indices[axis] += 1
            start += strides[axis]
            if indices[axis] < shape[axis] { break }
            start -= indices[axis] * strides[axis]
            indices[axis] = 0
          }
        }
      }
    }
  }
}
