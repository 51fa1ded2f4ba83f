/// A value for JSON whose keys are only known at run time, labels for example; they stay as they
/// are, where `JSONOutput` would write the names of properties in snake_case.
enum JSONField: Codable {
  /// Null where there is none, or it is infinite or no number.
  case number(Double?)
  case integer(Int?)
  case flag(Bool)
  case text(String?)
  case list([JSONField])
  case object([String: JSONField])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(JSONNumber(value))
    case .integer(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .list(let fields): try container.encode(fields)
    case .object(let fields): try container.encode(fields)
    }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .text(nil)
    } else if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let values = try? container.decode([JSONField].self) {
      self = .list(values)
    } else {
      self = .object(try container.decode([String: JSONField].self))
    }
  }
}
