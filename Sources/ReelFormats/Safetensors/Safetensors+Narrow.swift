import ReelTensor

// Tensors that are held in fewer bits are written so. Those of 8 bits have a scale for each row, a
// tensor of its own behind them: row r of `name` is `name.scale`[r] times its integers.
extension Safetensors {
  private static let scaleSuffix = ".scale"

  /// What stands in the file, in order.
  struct Part {
    let name: String
    let tensor: Tensor
    let type: ElementType
  }

  /// The tensors with the scales that some of them need.
  ///
  /// - Throws: `FormatError` for a name that the format or a scale needs.
  static func parts(of tensors: NamedTensors, path: String) throws -> [Part] {
    try tensors.flatMap { name, tensor in
      guard name != metadataKey else {
        throw FormatError(
          path: path, came: "a tensor named \(metadataKey.quoted)",
          expected: "another name, the format uses this one for its metadata")
      }
      let part = Part(name: name, tensor: tensor, type: tensor.weightFormat.elementType)
      guard let scales = tensor.storage.narrow?.scales, !scales.isEmpty else { return [part] }
      let scaleName = name + scaleSuffix
      guard tensors[scaleName] == nil else {
        throw FormatError(
          path: path, came: "a tensor named \(scaleName.quoted)",
          expected: "another name, this one belongs to the scales of \(name.quoted)")
      }
      let scale = Tensor(shape: [scales.count], values: scales)
      return [part, Part(name: scaleName, tensor: scale, type: .float32)]
    }
  }

  /// Reads one tensor: as it stands in the file where that is a matrix of bfloat16, or of 8 bits with
  /// scales, else as Floats.
  ///
  /// - Parameter scale: the entry of its scales, if the file has one.
  static func tensor(
    _ entry: Header.Entry, scale: Header.Entry?, _ file: InputFile, dataStart: Int
  ) throws -> Tensor {
    if entry.shape.count == 2, entry.end > entry.begin, entry.type == .bfloat16 || scale != nil {
      let scales = try scale.map { try floats($0, file, dataStart: dataStart).values } ?? []
      let matrix = NarrowMatrix(
        format: scale == nil ? .bfloat16 : .int8, rows: entry.shape[0], columns: entry.shape[1],
        scales: scales)
      try file.read(at: dataStart + entry.begin, into: matrix.byteBuffer)
      return Tensor(shape: entry.shape, storage: Storage(matrix))
    }
    return try floats(entry, file, dataStart: dataStart)
  }

  private static func floats(
    _ entry: Header.Entry, _ file: InputFile, dataStart: Int
  ) throws -> Tensor {
    var offset = dataStart + entry.begin
    return try entry.type.tensor(shape: entry.shape) { bytes in
      try file.read(at: offset, into: bytes)
      offset += bytes.count
    }
  }

  /// The entries of scales, by the name of the tensor of 8 bits that they belong to.
  static func scales(among entries: [Header.Entry]) -> [String: Header.Entry] {
    var byName: [String: Header.Entry] = [:]
    for entry in entries { byName[entry.name] = entry }
    var result: [String: Header.Entry] = [:]
    for entry in entries where entry.type == .int8 && entry.shape.count == 2 {
      guard let scale = byName[entry.name + scaleSuffix], scale.type == .float32,
        scale.shape == [entry.shape[0]]
      else { continue }
      result[entry.name] = scale
    }
    return result
  }

  static func name(of type: ElementType) -> String {
    switch type {
    case .bfloat16: "BF16"
    case .int8: "I8"
    default: "F32"
    }
  }
}

extension WeightFormat {
  fileprivate var elementType: ElementType {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .int8: .int8
    }
  }
}
