import Foundation

/// A number for JSON, which has no infinity and no NaN: null stands for them.
struct JSONNumber: Encodable {
  let value: Double?

  init(_ value: Double?) { self.value = value }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let value, value.isFinite { try container.encode(value) } else { try container.encodeNil() }
  }
}

enum JSONOutput {
  /// Writes an object as one line on standard output. Keys are in snake_case and sorted.
  static func write(_ object: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try StandardStreams.write(String(decoding: try encoder.encode(object), as: UTF8.self) + "\n")
  }
}
