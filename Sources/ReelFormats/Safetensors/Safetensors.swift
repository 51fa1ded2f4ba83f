import ReelTensor

/// Files of named tensors in the format of <https://github.com/huggingface/safetensors>:
/// the length of the header (8 bytes, little-endian), the header (JSON), the data.
///
///     { "__metadata__": {"key": "text"},
///       "weight": {"dtype": "F32", "shape": [4, 3], "data_offsets": [0, 48]}, ... }
///
/// Offsets count bytes from the end of the header. The tensors must fill the data without overlap
/// and without a hole.
///
/// Reel writes F32, and what is held in fewer bits (`WeightFormat`) as BF16, or as I8 with a further
/// tensor `NAME.scale` (F32, one number for each row: weight = scale · integer). It reads these, F16,
/// F64, BOOL and the integers of 8 to 64 bits. Matrices of BF16, and of I8 with scales, stay as they
/// are; of everything else each number becomes the nearest Float (integers beyond 2^24 and F64 are
/// rounded).
public enum Safetensors {
  /// The longest header that the format allows.
  static let longestHeader = 100_000_000

  static let metadataKey = "__metadata__"

  static func elementType(named name: String) -> ElementType? {
    switch name {
    case "BOOL": .bool
    case "U8": .uint8
    case "U16": .uint16
    case "U32": .uint32
    case "U64": .uint64
    case "I8": .int8
    case "I16": .int16
    case "I32": .int32
    case "I64": .int64
    case "F16": .float16
    case "BF16": .bfloat16
    case "F32": .float32
    case "F64": .float64
    default: nil
    }
  }
}
