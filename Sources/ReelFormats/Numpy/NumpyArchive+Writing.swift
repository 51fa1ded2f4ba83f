import ReelTensor

extension NumpyArchive {
  /// Writes the tensors in the order given, each as `NAME.npy`, with the time stamp 1980-01-01 that
  /// NumPy uses too: the same tensors give the same bytes. Either the whole file appears at `path`,
  /// or what was there stays (see `AtomicFile`).
  ///
  /// - Throws: `FileError` when the system refuses; `FormatError` for a name longer than 65,535
  ///   bytes or a tensor of more than 64 axes, which NumPy does not know.
  public static func write(_ tensors: NamedTensors, to path: String) throws {
    try check(tensors, path: path)
    try AtomicFile.write(to: path) { writer in
      var directory: [UInt8] = []
      for (name, tensor) in tensors {
        let header = NumpyHeader.bytes(shape: tensor.shape)
        let checksum = header.withUnsafeBytes { header in
          tensor.withBytes { $0.checksum(after: header.checksum()) }
        }
        let entry = ZipDirectory.Entry(
          name: name + suffix, isDeflated: false, checksum: checksum,
          compressedSize: header.count + tensor.count * MemoryLayout<Float>.size,
          size: header.count + tensor.count * MemoryLayout<Float>.size, start: writer.count)
        try writer.write(entry.localHeader)
        try writer.write(header)
        try tensor.withBytes { try writer.write($0) }
        directory += entry.directoryHeader
      }
      let end = ZipDirectory.end(
        count: tensors.count, size: directory.count, offset: writer.count)
      try writer.write(directory)
      try writer.write(end)
    }
  }

  private static func check(_ tensors: NamedTensors, path: String) throws {
    for (name, tensor) in tensors {
      guard name.utf8.count + suffix.utf8.count <= UInt16.max else {
        throw FormatError(
          path: path, came: "a tensor name of \(name.utf8.count) bytes",
          expected: "at most \(Int(UInt16.max) - suffix.utf8.count)")
      }
      guard tensor.rank <= NumpyHeader.highestRank else {
        throw FormatError(
          path: path, came: "tensor \(name.quoted) with \(tensor.rank) axes",
          expected: "at most \(NumpyHeader.highestRank)")
      }
    }
  }
}
